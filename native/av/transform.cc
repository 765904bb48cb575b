#include "transform.h"

#include <cstring>

#include "shared_shrinker.h"

namespace fp::av {

void check_steps(const std::vector<Step>& steps, int width, int height) {
  for (const Step& step : steps) {
    bool fits = step.width > 0 && step.height > 0 && step.x >= 0 && step.y >= 0;
    if (step.kind == StepKind::kCrop) {
      fits = fits && step.x <= width - step.width && step.y <= height - step.height;
    } else if (step.kind == StepKind::kPad) {
      fits = fits && step.x <= step.width - width && step.y <= step.height - height;
    } else if (step.kind == StepKind::kFlip) {
      fits = fits && step.width == width && step.height == height;
    }
    if (!fits) throw Error("E_INTERNAL", "a transform does not fit the picture");
    width = step.width;
    height = step.height;
  }
}

PixelView Transformer::apply(PixelView picture, const std::vector<Step>& steps, size_t first, int color_space) {
  rescalers_.resize(steps.size());
  for (size_t i = first; i < steps.size(); i++) {
    const Step& step = steps[i];
    switch (step.kind) {
      case StepKind::kResize:
        picture = resize(picture, step, i, color_space);
        break;
      case StepKind::kCrop:
        picture = crop(picture, step);
        break;
      case StepKind::kFlip:
        picture = flip(picture, step);
        break;
      case StepKind::kPad:
        picture = pad(picture, step);
        break;
    }
  }
  return picture;
}

PixelView Transformer::crop(PixelView picture, const Step& step) {
  picture.data = picture.row(step.y) + static_cast<ptrdiff_t>(step.x) * picture.pixel_bytes();
  picture.width = step.width;
  picture.height = step.height;
  return picture;
}

PixelView Transformer::make(const PixelView& like, int width, int height, uint8_t** memory) {
  turn_ = 1 - turn_;
  PixelView made = like;
  made.width = width;
  made.height = height;
  made.stride = padded_stride(static_cast<int>(made.row_bytes()));
  *memory = scratch_[turn_].take(static_cast<size_t>(made.stride) * static_cast<size_t>(height) + 64);
  made.data = *memory;
  return made;
}

PixelView Transformer::resize(const PixelView& picture, const Step& step, size_t at, int color_space) {
  if (picture.width == step.width && picture.height == step.height) return picture;
  uint8_t* to = nullptr;
  const PixelView resized = make(picture, step.width, step.height, &to);
  if (picture.channels == 3 && !picture.deep) {
    RgbShrinker* shrinker = shared_shrinker(picture.width, picture.height, step.width, step.height, color_space);
    if (shrinker != nullptr) {
      shrinker->shrink(picture, to, resized.stride);
      complete_pairs(resized, to);
      return resized;
    }
  }
  const Picture from = picture_of(picture, color_space);
  rescalers_[at].scale(from, {step.width, step.height, from.format, SWS_BILINEAR}, to,
                       static_cast<int>(resized.stride));
  complete_pairs(resized, to);
  return resized;
}

PixelView Transformer::flip(PixelView picture, const Step& step) {
  if (!step.flag) {
    picture.data = picture.row(picture.height - 1);
    picture.stride = -picture.stride;
    return picture;
  }
  uint8_t* to = nullptr;
  const PixelView flipped = make(picture, picture.width, picture.height, &to);
  Orientation mirrored;
  mirrored.flip_x = true;
  turn_rows(picture, mirrored, 0, picture.height, to, flipped.stride);
  complete_pairs(flipped, to);
  return flipped;
}

PixelView Transformer::pad(const PixelView& picture, const Step& step) {
  uint8_t* to = nullptr;
  const PixelView padded = make(picture, step.width, step.height, &to);
  const auto sample = static_cast<size_t>(picture.deep ? 2 : 1);
  const size_t samples = padded.row_bytes() / sample;
  // The first row, then that one for all others.
  for (size_t i = 0; i < samples; i++) {
    std::memset(to + i * sample, step.fill[i % static_cast<size_t>(picture.channels)], sample);
  }
  for (int y = 1; y < padded.height; y++) std::memcpy(to + padded.stride * y, to, padded.row_bytes());
  uint8_t* inside = to + padded.stride * step.y + static_cast<ptrdiff_t>(step.x) * picture.pixel_bytes();
  for (int y = 0; y < picture.height; y++) {
    std::memcpy(inside + padded.stride * y, picture.row(y), picture.row_bytes());
  }
  complete_pairs(padded, to);
  return padded;
}

}  // namespace fp::av
