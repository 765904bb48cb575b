// Byte sources that behave as badly as the interface allows, and worse.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "../../native/av/byte_source.h"
#include "../../native/av/ffmpeg.h"
#include "../../native/av/io_context.h"
#include "random.h"

namespace fp::test {

using Bytes = std::vector<uint8_t>;

/// Gives a random part of what is asked for.
class ShortSource final : public av::ByteSource {
 public:
  ShortSource(const Bytes& bytes, uint64_t seed) : bytes_(bytes), random_(seed) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  int read(int64_t position, uint8_t* target, int length) noexcept override {
    reads.push_back({position, position + length});
    if (position >= size()) return 0;
    const auto most = static_cast<size_t>(std::min<int64_t>(length, size() - position));
    const size_t count = 1 + random_.below(most);
    std::memcpy(target, bytes_.data() + position, count);
    return static_cast<int>(count);
  }
  std::vector<av::ByteRange> reads;  ///< what was asked for

 private:
  const Bytes& bytes_;
  Random random_;
};

/// Whole reads, until one begins or ends past `limit`: then `answer`, or `answer` more than was asked for.
class FaultySource final : public av::ByteSource {
 public:
  enum class Fault { kReturn, kReturnMore };
  FaultySource(const Bytes& bytes, int64_t limit, Fault fault, int answer)
      : bytes_(bytes), limit_(limit), fault_(fault), answer_(answer) {}
  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  int read(int64_t position, uint8_t* target, int length) noexcept override {
    if (position + length > limit_) return fault_ == Fault::kReturn ? answer_ : length + answer_;
    std::memcpy(target, bytes_.data() + position, static_cast<size_t>(length));
    return length;
  }

 private:
  const Bytes& bytes_;
  int64_t limit_;
  Fault fault_;
  int answer_;
};

}  // namespace fp::test
