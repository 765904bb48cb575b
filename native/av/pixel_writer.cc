#include "pixel_writer.h"

#include <algorithm>
#include <cstring>

#include "row_kernels.h"

namespace fp::av {

void PixelWriter::begin(const SampleSpec& spec, int width, int height, int channels, bool deep, uint8_t* target) {
  spec_ = &spec;
  target_ = target;
  width_ = static_cast<size_t>(width);
  height_ = static_cast<size_t>(height);
  channels_ = channels;
  deep_ = deep;
  planar_ = spec.layout == Layout::kNchw && channels > 1;
  if (spec.mean.empty() || planar_) return;
  means_.clear();
  deviations_.clear();
  for (size_t i = 0; i < width_; i++) {
    means_.insert(means_.end(), spec.mean.begin(), spec.mean.end());
    deviations_.insert(deviations_.end(), spec.deviation.begin(), spec.deviation.end());
  }
}

void PixelWriter::row(const uint8_t* packed, int y) {
  if (deep_) return float_row(reinterpret_cast<const uint16_t*>(packed), y);
  if (spec_->type != SampleType::kUint8) return float_row(packed, y);
  const size_t at = static_cast<size_t>(y) * width_;
  if (!planar_) {
    const auto channels = static_cast<size_t>(channels_);
    std::memcpy(target_ + at * channels, packed, width_ * channels);
    return;
  }
  const size_t plane = width_ * height_;
  uint8_t* const rows[4] = {target_ + at, target_ + plane + at, target_ + 2 * plane + at,
                            channels_ == 4 ? target_ + 3 * plane + at : nullptr};
  split_row(packed, width_, channels_, rows);
}

template <typename Sample>
void PixelWriter::float_row(const Sample* packed, int y) {
  const bool normalised = !spec_->mean.empty();
  const auto channels = static_cast<size_t>(channels_);
  if (!planar_) {
    const size_t count = width_ * channels;
    const size_t offset = static_cast<size_t>(y) * count;
    float* floats = staging(offset);
    floats_of(packed, count, floats);
    if (normalised) normalize_row(floats, count, means_.data(), deviations_.data());
    finish(floats, count, offset);
    return;
  }
  // Rows of their own begin where vector code likes it.
  const size_t padded = (width_ + 63) / 64 * 64;
  auto* split = reinterpret_cast<Sample*>(split_.take(padded * channels * sizeof(Sample)));
  Sample* const rows[4] = {split, split + padded, split + 2 * padded, channels_ == 4 ? split + 3 * padded : nullptr};
  split_row(packed, width_, channels_, rows);
  for (size_t channel = 0; channel < channels; channel++) {
    const size_t offset = (channel * height_ + static_cast<size_t>(y)) * width_;
    float* floats = staging(offset);
    floats_of(rows[channel], width_, floats);
    if (normalised) normalize_row(floats, width_, spec_->mean[channel], spec_->deviation[channel]);
    finish(floats, width_, offset);
  }
}

/// Floats are made where they stay, unless they become halves.
float* PixelWriter::staging(size_t offset) {
  if (spec_->type == SampleType::kFloat32) return reinterpret_cast<float*>(target_) + offset;
  return reinterpret_cast<float*>(floats_.take(width_ * static_cast<size_t>(channels_) * sizeof(float)));
}

void PixelWriter::finish(const float* floats, size_t count, size_t offset) {
  if (spec_->type == SampleType::kFloat16) halves_of(floats, count, reinterpret_cast<uint16_t*>(target_) + offset);
}

void PixelWriter::picture(const PixelView& view, const Orientation& orientation) {
  const int height = static_cast<int>(height_);
  if (!orientation.transpose && !orientation.flip_x) {
    for (int y = 0; y < height; y++) row(view.row(orientation.flip_y ? height - 1 - y : y), y);
    return;
  }
  constexpr int kRows = 16;
  const size_t stride = width_ * static_cast<size_t>(view.pixel_bytes());
  uint8_t* const turned = turned_.take(stride * kRows);
  for (int first = 0; first < height; first += kRows) {
    const int count = std::min(kRows, height - first);
    turn_rows(view, orientation, first, count, turned, static_cast<ptrdiff_t>(stride));
    for (int y = 0; y < count; y++) row(turned + stride * static_cast<size_t>(y), first + y);
  }
}

}  // namespace fp::av
