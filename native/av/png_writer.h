// PNG, deflated by libdeflate.
#pragma once

#include <memory>

#include "pixel_view.h"
#include "scratch.h"
#include "span.h"

struct libdeflate_compressor;

namespace fp::av {

/// Keeps its memory between pictures. One thread. What it returns lies there until the next call.
class PngWriter {
 public:
  /// 8-bit grey, RGB or RGBA.
  Span write(const PixelView& pixels);

 private:
  struct Free {
    void operator()(libdeflate_compressor* compressor) const;
  };

  std::unique_ptr<libdeflate_compressor, Free> compressor_;
  Scratch filtered_;
  Scratch output_;
};

}  // namespace fp::av
