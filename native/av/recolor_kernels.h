// Luma and chroma of one colour matrix, range and depth to 8 bits of another: the inner loops.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

/// Fixed-point factors, all with `shift` bits behind the point; the offsets hold half a step to round by.
struct RecolorFactors {
  int32_t luma = 0;
  int32_t luma_of_blue = 0;
  int32_t luma_of_red = 0;
  int32_t luma_offset = 0;
  int32_t blue = 0;
  int32_t blue_of_red = 0;
  int32_t blue_offset = 0;
  int32_t red = 0;
  int32_t red_of_blue = 0;
  int32_t red_offset = 0;
  int32_t shift = 0;
};

/// A row of samples of one or two bytes each.
template <typename Sample>
struct ChromaRow {
  const Sample* blue;  ///< difference to luma, as the next
  const Sample* red;
  size_t width;
};

/// What a row's chroma adds to its luma: offsets for each sample of luma, `halved` says of two each. `to` has room for
/// an even number.
void luma_offsets(const ChromaRow<uint8_t>& row, bool halved, const RecolorFactors& factors, int32_t* to);
void luma_offsets(const ChromaRow<uint16_t>& row, bool halved, const RecolorFactors& factors, int32_t* to);
/// offsets: as of luma_offsets(), or nullptr where the chroma adds nothing.
void recolor_luma(const uint8_t* from, const int32_t* offsets, size_t width, const RecolorFactors& factors,
                  uint8_t* to);
void recolor_luma(const uint16_t* from, const int32_t* offsets, size_t width, const RecolorFactors& factors,
                  uint8_t* to);
void recolor_chroma(const ChromaRow<uint8_t>& row, const RecolorFactors& factors, uint8_t* blue, uint8_t* red);
void recolor_chroma(const ChromaRow<uint16_t>& row, const RecolorFactors& factors, uint8_t* blue, uint8_t* red);

}  // namespace fp::av
