// Makes RGB pictures smaller, with the pixels of swscale's bilinear scaling.
//
// Why it is here. The measure of a resize is torchcodec's pixels, which are swscale's: from RGB, by SWS_BILINEAR. On
// this way swscale spends most of its time in code that is not vectorised: reading RGB as luma and chroma, and writing
// it again. The same arithmetic in vectors takes half the time of FFmpeg 5.1's, and two thirds of 9.0's at worst; once
// swscale is as fast, these files go: rgb_shrinker, scale_filter, yuv_kernels, shared_shrinker.
//
// What is done, row by row, as swscale does it:
//   1. Read:   RGB to luma and chroma of limited range, 14 bits, with factors of 15 (rgb2yuv; for the usual matrix
//              they are other roundings than for the rest). When the width is at least halved, chroma is that of pairs.
//   2. Across: each row weighed to 15 bits with weights of 14 (scale_filter.h says which samples, hScale).
//   3. Down:   as many of these rows as the filter has taps, with weights of 12 bits (yuv2packedX).
//   4. Write:  to 8 bits of RGB with factors of 13 bits, clipped.
// Each step rounds, and every rounding shows: none can be left out, put together or done in floats.
//
// What holds it to swscale. shared_shrinker compares it, once for a size and a process, with the swscale that is
// there, on noise and on stretches of black and white; where a pixel differs, swscale does the work. So another
// version, or another processor's code, costs speed and never pixels. Odd widths and growing are left to swscale, which
// has other paths for them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pixel_view.h"
#include "scale_filter.h"
#include "scratch.h"

namespace fp::av {

/// Like swscale: to 15 bits of luma and chroma, along the rows, down the columns, and back to RGB. One thread.
class RgbShrinker {
 public:
  /// Whether it knows how: what grows in height, and odd widths, swscale reads on another path.
  static bool can(int width, int height, int to_width, int to_height);

  /// `coefficients`: of sws_getCoefficients().
  RgbShrinker(int width, int height, int to_width, int to_height, const int* coefficients);

  /// 8-bit RGB of the sizes that it was made for.
  void shrink(const PixelView& picture, uint8_t* to, ptrdiff_t stride);

 private:
  struct Line {
    int16_t* luma;
    int16_t* blue;  ///< difference to luma, as the next
    int16_t* red;
  };
  void read_row(const uint8_t* row, const Line& line);
  void write_row(int y, uint8_t* to);
  Line line_of(int y);

  int width_;
  int height_;
  int to_width_;
  int to_height_;
  bool half_;  ///< chroma is of two pixels each
  ScaleFilter luma_;
  ScaleFilter chroma_;
  ScaleFilter down_;
  std::array<int32_t, 9> to_yuv_{};  ///< red, green, blue of luma, of blue, of red
  std::array<int32_t, 6>
      to_rgb_{};   ///< luma's offset and factor, then red of red, green of red, green of blue, blue of blue
  size_t padded_;  ///< samples of a line of the result
  std::vector<int16_t> lines_;  ///< a ring of as many as there are taps
  std::vector<uint8_t> split_;
  std::vector<int16_t> samples_;
};

}  // namespace fp::av
