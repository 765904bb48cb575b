#include "recolor_kernels.h"

#include "by_processor.h"

namespace fp::av {

namespace {

FP_INLINE uint8_t byte_of(int32_t value) {
  const int32_t low = value < 0 ? 0 : value;
  return static_cast<uint8_t>(low > 255 ? 255 : low);
}

template <typename Sample>
FP_INLINE void luma_offsets_loop(const ChromaRow<Sample>& row, bool halved, const RecolorFactors& factors,
                                 int32_t* __restrict to) {
  const Sample* __restrict blue = row.blue;
  const Sample* __restrict red = row.red;
  const int32_t of_blue = factors.luma_of_blue;
  const int32_t of_red = factors.luma_of_red;
  const int32_t offset = factors.luma_offset;
  const size_t width = row.width;
  if (halved) {
    for (size_t i = 0; i < width; i++) {
      const int32_t sum = blue[i] * of_blue + red[i] * of_red + offset;
      to[2 * i] = sum;
      to[2 * i + 1] = sum;
    }
  } else {
    for (size_t i = 0; i < width; i++) to[i] = blue[i] * of_blue + red[i] * of_red + offset;
  }
}

template <typename Sample>
FP_INLINE void recolor_luma_loop(const Sample* __restrict from, const int32_t* __restrict offsets, size_t width,
                                 const RecolorFactors& factors, uint8_t* __restrict to) {
  const int32_t factor = factors.luma;
  const int32_t offset = factors.luma_offset;
  const int32_t shift = factors.shift;
  if (offsets == nullptr) {
    for (size_t i = 0; i < width; i++) to[i] = byte_of((from[i] * factor + offset) >> shift);
  } else {
    for (size_t i = 0; i < width; i++) to[i] = byte_of((from[i] * factor + offsets[i]) >> shift);
  }
}

template <typename Sample>
FP_INLINE void recolor_chroma_loop(const ChromaRow<Sample>& row, const RecolorFactors& factors,
                                   uint8_t* __restrict blue, uint8_t* __restrict red) {
  const Sample* __restrict from_blue = row.blue;
  const Sample* __restrict from_red = row.red;
  const RecolorFactors own = factors;
  for (size_t i = 0; i < row.width; i++) {
    const int32_t b = from_blue[i];
    const int32_t r = from_red[i];
    blue[i] = byte_of((b * own.blue + r * own.blue_of_red + own.blue_offset) >> own.shift);
    red[i] = byte_of((r * own.red + b * own.red_of_blue + own.red_offset) >> own.shift);
  }
}

}  // namespace

#define FP_ARGUMENTS (row, halved, factors, to)
FP_BY_PROCESSOR(luma_offsets, (const ChromaRow<uint8_t>& row, bool halved, const RecolorFactors& factors, int32_t* to),
                FP_ARGUMENTS)
FP_BY_PROCESSOR(luma_offsets, (const ChromaRow<uint16_t>& row, bool halved, const RecolorFactors& factors, int32_t* to),
                FP_ARGUMENTS)
#undef FP_ARGUMENTS
FP_BY_PROCESSOR(recolor_luma,
                (const uint8_t* from, const int32_t* offsets, size_t width, const RecolorFactors& factors, uint8_t* to),
                (from, offsets, width, factors, to))
FP_BY_PROCESSOR(recolor_luma,
                (const uint16_t* from, const int32_t* offsets, size_t width, const RecolorFactors& factors,
                 uint8_t* to),
                (from, offsets, width, factors, to))
FP_BY_PROCESSOR(recolor_chroma,
                (const ChromaRow<uint8_t>& row, const RecolorFactors& factors, uint8_t* blue, uint8_t* red),
                (row, factors, blue, red))
FP_BY_PROCESSOR(recolor_chroma,
                (const ChromaRow<uint16_t>& row, const RecolorFactors& factors, uint8_t* blue, uint8_t* red),
                (row, factors, blue, red))

}  // namespace fp::av
