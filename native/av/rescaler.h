// swscale with its context kept: from what a decoder gives, or from interleaved pixels, to interleaved pixels.
#pragma once

#include <algorithm>
#include <array>

#include "error.h"
#include "handles.h"
#include "pixel_view.h"
#include "planar_rgb.h"
#include "scratch.h"

namespace fp::av {

/// What swscale reads; the memory is somebody else's.
struct Picture {
  std::array<const uint8_t*, 4> data{};
  std::array<int, 4> strides{};  ///< bytes; may be negative
  int width = 0;
  int height = 0;
  AVPixelFormat format = AV_PIX_FMT_NONE;
  int color_space = AVCOL_SPC_UNSPECIFIED;
  bool full_range = false;
  bool given_up = false;  ///< nobody else has it, and nobody reads it again: what was read may be lost
};

/// Of a picture that is given up, the memory of these rows, from luma row `first`, is there no more.
void drop_rows(const Picture& picture, int first, int count);

/// What swscale calls interleaved pixels of so many channels.
AVPixelFormat packed_format(int channels, bool deep);

/// Where a pixel is made of nothing but the luma and chroma at its place, so that a part gives the pixels of the whole.
bool is_made_pixel_by_pixel(const Picture& from, int width, int height, AVPixelFormat format);

Picture picture_of(const AVFrame& frame);
/// Nobody else, a decoder say, refers to the frame's memory.
bool is_ours_alone(const AVFrame& frame);
Picture picture_of(const PixelView& view, int color_space);

/// Bytes from a row to the next for `bytes` of pixels: swscale's vector code writes whole groups of them.
inline int padded_stride(int bytes) { return (bytes + 127) / 64 * 64; }

/// One thread. A context is made anew only when a picture is of another kind than the last.
class Rescaler {
 public:
  struct Target {
    int width;
    int height;
    AVPixelFormat format;
    int flags;  ///< SWS_BICUBIC, SWS_BILINEAR
    bool full_range = true;
  };
  struct Planes {
    std::array<uint8_t*, 4> data;
    std::array<int, 4> strides;  ///< bytes
  };

  /// The whole picture. Throws E_UNSUPPORTED_CODEC for formats that swscale does not convert.
  void scale(const Picture& from, const Target& target, uint8_t* to, int stride);
  /// The same to planes.
  void scale(const Picture& from, const Target& target, const Planes& to);

  /// A picture that keeps its size, a band of rows at a time, so that whoever takes them finds them in the cache:
  /// sink(rows, first, count), top to bottom, each row once. The same pixels as those of scale().
  template <typename Sink>
  void scale_in_bands(const Picture& from, const Target& target, int stride, Sink sink) {
    // Where rows are interpolated those at a band's end wait for the next: they come on top of a band.
    constexpr int kLate = 32;
    prepare(from, target);
    const int most = comes_in_bands(from.format) ? kBand : from.height;
    uint8_t* const band = band_.take(static_cast<size_t>(stride) * static_cast<size_t>(most + kLate) + 64);
    int written = 0;
    for (int first = 0; first < from.height; first += most) {
      const int given = std::min(most, from.height - first);
      const int count = scale_rows(from, first, given, band, written, stride);
      sink(static_cast<const uint8_t*>(band), written, count);
      written += count;
      if (from.given_up) drop_rows(from, first, given);
    }
    if (written != target.height) throw Error("E_INTERNAL", "the bands are not the picture");
  }

 private:
  static constexpr int kBand = 16;  // rows; a multiple of every chroma subsampling

  struct Key {
    int width, height, format, color_space, range, out_width, out_height, out_format, flags, out_range;
    bool operator==(const Key& other) const;
  };
  void prepare(const Picture& from, const Target& target);
  static bool comes_in_bands(AVPixelFormat format);
  /// What planar_rgb_row() makes on this processor, instead of swscale.
  static bool is_ours(const Picture& from, const Target& target);
  int our_rows(const Picture& from, int first, int count, uint8_t* to, int stride) const;
  /// Returns the rows that were written; the first of them is row `written` of the picture and lies at `to`.
  int scale_rows(const Picture& from, int first, int count, uint8_t* to, int written, int stride);

  Scaler scaler_;
  Key key_{};
  bool ours_ = false;
  PlanarRgbFactors factors_{};
  Scratch band_;
};

}  // namespace fp::av
