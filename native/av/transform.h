// What happens to a picture between its conversion and its output: resizing, cropping, mirroring, padding.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "pixel_view.h"
#include "rescaler.h"
#include "scratch.h"

namespace fp::av {

enum class StepKind : uint8_t { kResize, kCrop, kFlip, kPad };

struct Step {
  StepKind kind = StepKind::kResize;
  int width = 0;  ///< of the result
  int height = 0;
  /// Crop: where the result lies in the picture. Pad: where the picture lies in the result.
  int x = 0;
  int y = 0;
  /// Resize: together with the conversion, when it is the first step. Flip: left to right, not top to bottom.
  bool flag = false;
  std::array<uint8_t, 4> fill{};  ///< pad: a pixel's samples; 16-bit ones are of 257 times the value
};

/// Throws E_INTERNAL when a step does not fit the picture that it gets.
void check_steps(const std::vector<Step>& steps, int width, int height);

/// Keeps its scalers and scratch memory between pictures. One thread.
class Transformer {
 public:
  /// Does the steps from `first` on; the result lies in the picture's memory or in its own until the next call.
  /// `color_space`: the one in whose luma and chroma swscale interpolates.
  PixelView apply(PixelView picture, const std::vector<Step>& steps, size_t first, int color_space);
  /// In place.
  static PixelView crop(PixelView picture, const Step& step);

 private:
  PixelView resize(const PixelView& picture, const Step& step, size_t at, int color_space);
  PixelView flip(PixelView picture, const Step& step);
  PixelView pad(const PixelView& picture, const Step& step);
  /// A new picture that is not where the last one is.
  PixelView make(const PixelView& like, int width, int height, uint8_t** memory);

  std::vector<Rescaler> rescalers_;  ///< by step
  std::array<Scratch, 2> scratch_;
  size_t turn_ = 0;
};

}  // namespace fp::av
