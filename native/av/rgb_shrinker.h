// Makes RGB pictures smaller, with the pixels of swscale's bilinear scaling and several times faster: that spends most
// of its time in code that is not vectorised.
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
