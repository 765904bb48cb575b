// Decoded pictures as what lossy image formats hold: 8 bits of luma and chroma by BT.601, without a way over RGB.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "orientation.h"
#include "recolor_kernels.h"
#include "rescaler.h"
#include "scratch.h"

namespace fp::av {

/// 8-bit planes of luma, its difference to blue and to red; the memory is somebody else's.
struct YuvImage {
  std::array<const uint8_t*, 3> planes{};
  std::array<int, 3> strides{};
  int width = 0;
  int height = 0;
  int shift_x = 0;  ///< of the chroma, as FFmpeg's log2_chroma_w: 0 or 1
  int shift_y = 0;

  int plane_width(size_t plane) const { return plane == 0 ? width : -((-width) >> shift_x); }
  int plane_height(size_t plane) const { return plane == 0 ? height : -((-height) >> shift_y); }
};

/// What such an image should be. JPEG's luma is of the full range, WebP's of the limited one.
struct YuvTarget {
  int width;  ///< as displayed
  int height;
  Orientation orientation;
  bool full_range;
};

/// Factors from what a picture's samples mean to 8 bits by BT.601.
RecolorFactors recolor_factors(int color_space, bool full_range, int depth, bool to_full_range);

/// Keeps scalers and scratch memory between pictures. One thread.
class YuvConverter {
 public:
  /// Planes of 4:2:0, 4:2:2 or 4:4:4 and 8 to 16 bits; what is turned must be as it was.
  static bool can(AVPixelFormat format, const Orientation& orientation);

  /// Of a format that it can. The image lies in the frame, or here until the next call; chroma keeps its resolution.
  YuvImage convert(const AVFrame& frame, const YuvTarget& target);

 private:
  Picture scaled(const Picture& from, int width, int height);
  YuvImage recolored(const Picture& from, bool full_range);
  YuvImage turned(const YuvImage& from, const Orientation& orientation);

  Rescaler rescaler_;
  Scratch scaled_;
  Scratch recolored_;
  Scratch turned_;
  std::vector<int32_t> offsets_;
};

}  // namespace fp::av
