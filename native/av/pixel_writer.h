// Interleaved pixels to the samples that the user asked for: split into planes, made floats, normalised.
#pragma once

#include <cstdint>
#include <vector>

#include "pixel_view.h"
#include "scratch.h"

namespace fp::av {

enum class SampleType : uint8_t { kUint8, kFloat32, kFloat16 };
enum class Layout : uint8_t { kNhwc, kNchw };

inline size_t bytes_of(SampleType type) {
  return type == SampleType::kFloat32 ? 4 : type == SampleType::kFloat16 ? 2 : 1;
}

struct SampleSpec {
  SampleType type = SampleType::kUint8;
  Layout layout = Layout::kNhwc;
  /// Of each channel, for floats: (value - mean) / deviation. Empty: as they are, 0 to 1.
  std::vector<float> mean;
  std::vector<float> deviation;
};

/// Keeps its scratch memory between pictures. One thread.
class PixelWriter {
 public:
  /// A picture of this size follows. What is 16 bits a sample goes to floats only. `spec` and `target` are kept.
  void begin(const SampleSpec& spec, int width, int height, int channels, bool deep, uint8_t* target);
  /// One row of interleaved pixels.
  void row(const uint8_t* packed, int y);
  /// All rows of a picture that begin() was told the turned size of.
  void picture(const PixelView& view, const Orientation& orientation);

 private:
  template <typename Sample>
  void float_row(const Sample* packed, int y);
  float* staging(size_t offset);
  void finish(const float* floats, size_t count, size_t offset);

  const SampleSpec* spec_ = nullptr;
  uint8_t* target_ = nullptr;
  size_t width_ = 0;
  size_t height_ = 0;
  int channels_ = 0;
  bool deep_ = false;
  bool planar_ = false;
  std::vector<float> means_;  ///< of a row's interleaved samples
  std::vector<float> deviations_;
  Scratch split_;
  Scratch floats_;
  Scratch turned_;
};

}  // namespace fp::av
