// WebP by libwebp, with losses.
#pragma once

#include <cstdint>
#include <vector>

#include "pixel_view.h"
#include "scratch.h"
#include "span.h"
#include "yuv_image.h"

namespace fp::av {

/// Keeps its memory between pictures. One thread. What it returns lies there until the next call. Quality: 1 to 100.
/// Throws E_LIMIT for a side that is longer than the format allows, or a picture that does not fit into a file.
class WebpWriter {
 public:
  /// Of the limited range, 4:2:0.
  Span write(const YuvImage& image, int quality);
  /// 8-bit grey, RGB or RGBA.
  Span write(const PixelView& pixels, int quality);

 private:
  Span write_grey(const PixelView& pixels, int quality);

  std::vector<uint8_t> output_;
  Scratch planes_;
};

}  // namespace fp::av
