// Decoded pictures to the pixels that the user asked for, written once, where the user receives them.
#pragma once

#include <vector>

#include "error.h"
#include "handles.h"
#include "orientation.h"

namespace fp::av {

enum class PixelFormat : uint8_t { kRgb24, kRgba, kGray8, kNative };
enum class SampleType : uint8_t { kUint8, kFloat32 };
enum class Layout : uint8_t { kNhwc, kNchw };

struct OutputSpec {
  PixelFormat format = PixelFormat::kRgb24;
  SampleType type = SampleType::kUint8;
  Layout layout = Layout::kNhwc;
  int width = 0;  ///< of the picture as displayed; for native, as stored
  int height = 0;
  size_t frame_bytes = 0;
  Orientation orientation;
};

/// A native picture's place in memory: planes one after the other, rows without padding.
struct PlaneLayout {
  int64_t offset;
  int32_t stride;  ///< bytes from a row to the next
  int32_t width;   ///< samples in a row
  int32_t height;
};

/// A native picture that is not of the size the output was made for; says what it is.
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

/// Keeps the scaler and the scratch memory between pictures. One thread.
class Converter {
 public:
  /// Writes `spec.frame_bytes` bytes. Throws E_FRAME_SIZE when a native picture's own size is not that.
  void convert(const AVFrame& frame, const OutputSpec& spec, uint8_t* target);

 private:
  struct Key {
    int width, height, format, color_space, range, out_width, out_height, out_format;
    bool operator==(const Key& other) const;
  };
  void scale(const AVFrame& frame, AVPixelFormat format, int width, int height, uint8_t* target, int stride);
  void prepare(const Key& key);

  Scaler scaler_;
  Key key_{};
  std::vector<uint8_t> scratch_;
};

}  // namespace fp::av
