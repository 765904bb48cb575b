// The inner loops of RgbShrinker, in swscale's arithmetic: every rounding is part of the result.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

/// Rows that are weighed at most.
constexpr size_t kMostTaps = 80;

/// From rows of red, green and blue with three factors: 14 bits of luma.
void luma_row(const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to);
/// The same of chroma.
void chroma_row(const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to);
/// Of two pixels each.
void half_chroma_row(const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to);

/// to[i] = the sum of `taps` samples from position[i] on by their weights, in 15 bits. 4 taps, or a multiple of 8.
void filter_row(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps, size_t width,
                int16_t* to);

/// Rows of luma and chroma, one for each of `taps` weights, an even number; readable up to a multiple of 32 samples.
struct YuvRows {
  const int16_t* const* luma;
  const int16_t* const* blue;
  const int16_t* const* red;
  const int16_t* weight;
  size_t taps;
};

/// Weighs the rows and makes interleaved RGB of them.
void rgb_row(const YuvRows& rows, const int32_t* factors, size_t width, uint8_t* to);

}  // namespace fp::av
