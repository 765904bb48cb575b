// Interleaved pixels in memory, and turning them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "orientation.h"

namespace fp::av {

/// Interleaved pixels of `channels` samples of 1 or 2 bytes each.
struct PixelView {
  const uint8_t* data;
  int width;
  int height;
  ptrdiff_t stride;  ///< bytes; negative when the rows lie bottom up
  int channels;
  bool deep;  ///< 16 bits a sample, native endian

  int pixel_bytes() const { return channels * (deep ? 2 : 1); }
  size_t row_bytes() const { return static_cast<size_t>(width) * static_cast<size_t>(pixel_bytes()); }
  const uint8_t* row(int y) const { return data + stride * y; }
};

/// Rows of odd width get a black pixel behind them: swscale takes chroma from pairs of pixels, and in the pictures of
/// FFmpeg's filters, and so of torchcodec, nothing was ever written there. `memory` is the view's.
void complete_pairs(const PixelView& view, uint8_t* memory);

/// Writes `count` rows, from row `first`, of the turned picture.
void turn_rows(const PixelView& source, const Orientation& orientation, int first, int count, uint8_t* to,
               ptrdiff_t stride);

}  // namespace fp::av
