// JPEG by libjpeg-turbo.
#pragma once

#include <memory>

#include "pixel_view.h"
#include "scratch.h"
#include "span.h"
#include "yuv_image.h"

namespace fp::av {

/// Keeps its memory between pictures. One thread. What it returns lies there until the next call. Quality: 1 to 100.
/// Throws E_LIMIT for a side that is longer than the format allows.
class JpegWriter {
 public:
  /// Of the full range; 4:2:0, 4:2:2 or 4:4:4, as the image.
  Span write(YuvImage image, int quality);
  /// 8-bit grey, RGB (as 4:2:0) or RGBA, whose alpha is left out.
  Span write(const PixelView& pixels, int quality);

 private:
  struct Destroy {
    void operator()(void* handle) const;
  };
  void* handle();
  void pair_luma(YuvImage& image);
  Span finished(int result, unsigned long bytes);

  std::unique_ptr<void, Destroy> handle_;
  Scratch luma_;
  Scratch output_;
};

}  // namespace fp::av
