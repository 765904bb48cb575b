// Headers as they lie in a file, before FFmpeg reads them.
#pragma once

#include <algorithm>
#include <vector>

#include "byte_source.h"
#include "error.h"
#include "ffmpeg.h"

namespace fp::av {

/// Bytes at positions, some at a time.
class ByteWindow {
 public:
  explicit ByteWindow(ByteSource& source) : source_(source), size_(source.size()) {}
  int64_t size() const { return size_; }
  /// Zeros behind the end.
  uint64_t number(int64_t position, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | byte(position + i);
    return value;
  }
  uint32_t u32(int64_t position) { return static_cast<uint32_t>(number(position, 4)); }
  /// The same, least significant byte first.
  uint32_t little_u32(int64_t position) { return av_bswap32(u32(position)); }

 private:
  uint8_t byte(int64_t position) {
    if (position < begin_ || position >= begin_ + count_) fill(position);
    return position < begin_ + count_ ? bytes_[static_cast<size_t>(position - begin_)] : 0;
  }
  void fill(int64_t position) {
    constexpr int kBytes = 4096;
    begin_ = position;
    count_ = 0;
    if (position >= size_) return;
    bytes_.resize(kBytes);
    const int length = static_cast<int>(std::min<int64_t>(kBytes, size_ - position));
    const int got = source_.read(position, bytes_.data(), length);
    if (got == 0 && position >= source_.size()) return;
    if (got <= 0 || got > length) throw_read_failure(got < 0 ? got : got == 0 ? AVERROR_EOF : AVERROR_BUG);
    count_ = got;
  }

  ByteSource& source_;
  int64_t size_;
  std::vector<uint8_t> bytes_;
  int64_t begin_ = 0;
  int64_t count_ = 0;
};

}  // namespace fp::av
