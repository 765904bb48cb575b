#include "sample_store.h"

#include <algorithm>
#include <cstring>

namespace fp::av {

/// `write(target, channel, done, count)` writes samples of a channel, `done` of which are written.
template <typename Write>
void SampleStore::append(int64_t count, int64_t expected, Write write) {
  constexpr size_t kMostSamples = size_t{1} << 20;
  auto left = static_cast<size_t>(count);
  size_t done = 0;
  const auto likely = static_cast<size_t>(std::max(expected, count));
  while (left > 0) {
    if (pieces_.empty() || pieces_.back().used == pieces_.back().capacity) {
      const size_t capacity = std::max<size_t>(1, std::min(likely, kMostSamples / channels_));
      // Not zeroed: every sample is written before it is read.
      pieces_.push_back({std::unique_ptr<float[]>(new float[channels_ * capacity]), capacity, 0});
    }
    Piece& piece = pieces_.back();
    const size_t taken = std::min(left, piece.capacity - piece.used);
    for (size_t i = 0; i < channels_; i++) write(piece.samples.get() + i * piece.capacity + piece.used, i, done, taken);
    piece.used += taken;
    done += taken;
    left -= taken;
  }
  count_ += count;
}

void SampleStore::append(const float* const* channels, int offset, int count, int64_t expected) {
  append(count, expected, [&](float* target, size_t channel, size_t done, size_t taken) {
    std::memcpy(target, channels[channel] + static_cast<size_t>(offset) + done, taken * sizeof(float));
  });
}

void SampleStore::append_zeros(int64_t count, int64_t expected) {
  append(count, expected, [](float* target, size_t, size_t, size_t taken) { std::fill_n(target, taken, 0.0F); });
}

void SampleStore::take(float* target) {
  const auto row = static_cast<size_t>(count_);
  size_t done = 0;
  for (; !pieces_.empty(); pieces_.pop_front()) {
    const Piece& piece = pieces_.front();
    for (size_t i = 0; i < channels_; i++) {
      std::memcpy(target + i * row + done, piece.samples.get() + i * piece.capacity, piece.used * sizeof(float));
    }
    done += piece.used;
  }
  count_ = 0;
}

}  // namespace fp::av
