// RGB of 8-bit 4:2:0 and 4:2:2 in the size that it has, with the pixels of swscale's code for x86.
//
// Why it is here. swscale's code for ARM makes the same conversion in other steps, and values come out different by up
// to 2: what was computed on one machine would not be what another computes. On ARM these rows are made here; swscale's
// for x86 are the measure, and the native checks compare the two there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

/// Factors of 13 bits.
struct PlanarRgbFactors {
  int16_t luma;
  int16_t black;  ///< what luma begins at
  int16_t red;    ///< of the difference to red, as the third; of the difference to blue, as the last
  int16_t green_of_blue;
  int16_t green_of_red;
  int16_t blue;
};

/// `coefficients`: of sws_getCoefficients().
PlanarRgbFactors planar_rgb_factors(const int* coefficients, bool full_range);

struct PlanarRow {
  const uint8_t* luma;
  const uint8_t* blue;  ///< difference to luma, one for two pixels, as the next
  const uint8_t* red;
};

/// `width` pixels of `channels` bytes, 3 or 4: the fourth is 255.
void planar_rgb_row(const PlanarRow& row, size_t width, const PlanarRgbFactors& factors, int channels, uint8_t* to);

}  // namespace fp::av
