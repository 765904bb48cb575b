// Reorders interleaved pixels: turns them, splits them into planes, makes floats of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "orientation.h"

namespace fp::av {

/// Interleaved pixels of `channels` samples of 1 or 2 bytes each; `stride` in bytes.
struct PixelView {
  const uint8_t* data;
  int width;
  int height;
  ptrdiff_t stride;
  int channels;
  bool deep;  ///< 16 bits a sample, native endian
};

/// Writes the turned picture. To float: value / 255, or value / 65535 when deep. Planar: channel after channel.
/// 16-bit samples go to float only.
void write_pixels(const PixelView& source, const Orientation& orientation, bool to_float, bool planar, uint8_t* target);

}  // namespace fp::av
