// Decoded pictures to the pixels that the user asked for, written once, where the user receives them.
#pragma once

#include <vector>

#include "error.h"
#include "handles.h"
#include "orientation.h"
#include "pixel_writer.h"
#include "rescaler.h"
#include "tone_map.h"
#include "transform.h"

namespace fp::av {

enum class PixelFormat : uint8_t { kRgb24, kRgba, kGray8, kNative };

inline int channels_of(PixelFormat format) {
  return format == PixelFormat::kRgba ? 4 : format == PixelFormat::kGray8 ? 1 : 3;
}

struct OutputSpec {
  PixelFormat format = PixelFormat::kRgb24;
  AVPixelFormat native = AV_PIX_FMT_NONE;  ///< for native: the pictures' own format
  SampleSpec samples;
  int width = 0;  ///< of the picture as displayed, before the steps; for native, as stored
  int height = 0;
  Orientation orientation;
  /// Of pictures of high dynamic range, which are mapped to standard range: candela per square metre. 0: they stay as
  /// they are.
  double tone_map_peak = 0;
  std::vector<Step> steps;
  size_t frame_bytes = 0;
  /// The decoded picture is not read again: while it is converted, the memory of what was read is given back.
  bool given_up = false;

  bool maps(const AVFrame& frame) const { return tone_map_peak > 0 && ToneMapper::is_high_range(frame); }
};

/// A native picture's place in memory: planes one after the other, rows without padding.
struct PlaneLayout {
  int64_t offset;
  int32_t stride;  ///< bytes from a row to the next
  int32_t width;   ///< samples in a row
  int32_t height;
};

/// A native picture that is not of the size or the format the output was made for; says what it is.
class FrameSizeError : public Error {
 public:
  explicit FrameSizeError(const AVFrame& frame);
  int width;
  int height;
  AVPixelFormat format;
};

/// Throws E_UNSUPPORTED_CODEC for formats that live outside memory (hardware surfaces).
std::vector<PlaneLayout> native_planes(AVPixelFormat format, int width, int height);
/// Bytes of a native picture.
size_t native_bytes(AVPixelFormat format, int width, int height);

/// Keeps scalers and scratch memory between pictures. One thread.
class Converter {
 public:
  /// Writes `spec.frame_bytes` bytes. Throws E_FRAME_SIZE when a native picture's own size or format is not that.
  void convert(const AVFrame& frame, const OutputSpec& spec, uint8_t* target);

 private:
  void convert_to(const AVFrame& frame, const OutputSpec& spec, uint8_t* target);
  void convert_whole(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec, uint8_t* target);
  void convert_in_steps(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec, size_t done,
                        uint8_t* target);
  void convert_mapped(const AVFrame& frame, Picture from, Rescaler::Target to, const OutputSpec& spec, size_t done,
                      uint8_t* target);
  PixelView turn(const PixelView& picture, const Orientation& orientation);
  /// Into scratch memory.
  PixelView rescale(const Picture& from, const Rescaler::Target& to, const OutputSpec& spec);

  Rescaler rescaler_;
  PixelWriter writer_;
  Transformer transformer_;
  ToneMapper mapper_;
  Scratch picture_;
  Scratch mapped_;
  Scratch turned_;
};

}  // namespace fp::av
