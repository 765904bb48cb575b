// Samples collected until it is known how many there are.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

namespace fp::av {

/// Planar float samples, appended piece by piece.
class SampleStore {
 public:
  explicit SampleStore(int channels) : channels_(static_cast<size_t>(channels)) {}
  int64_t count() const { return count_; }
  int channels() const { return static_cast<int>(channels_); }
  /// `count` samples of each channel, from `offset` on. `expected`: how many more are likely to come in all.
  void append(const float* const* channels, int offset, int count, int64_t expected);
  void append_zeros(int64_t count, int64_t expected);
  /// Moves everything to `target`: channels() rows of count() samples. The store is empty afterwards.
  void take(float* target);

 private:
  struct Piece {
    std::unique_ptr<float[]> samples;  // rows of `capacity`
    size_t capacity;
    size_t used;
  };
  template <typename Write>
  void append(int64_t count, int64_t expected, Write write);

  size_t channels_;
  int64_t count_ = 0;
  std::deque<Piece> pieces_;
};

}  // namespace fp::av
