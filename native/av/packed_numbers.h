// Columns of numbers in few bytes: seven bits a byte, the sign lowest, and runs of zeros as one zero and their length.
#pragma once

#include <cstdint>
#include <vector>

#include "error.h"
#include "span.h"

namespace fp::av {

/// Differences wrap around: no number is too far from another.
inline int64_t difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t product(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

class NumberWriter {
 public:
  void plain(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<uint8_t>(value));
  }
  void number(int64_t value) { plain(static_cast<uint64_t>(value) << 1 ^ (value < 0 ? UINT64_MAX : 0)); }
  /// The next of a column, which ends with end_column().
  void next(int64_t value) {
    if (value == 0) {
      zeros_++;
      return;
    }
    end_column();
    number(value);
  }
  void end_column() {
    if (zeros_ == 0) return;
    plain(0);
    plain(zeros_ - 1);
    zeros_ = 0;
  }
  void raw(const uint8_t* data, size_t size) { bytes_.insert(bytes_.end(), data, data + size); }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
  uint64_t zeros_ = 0;
};

/// Of bytes that may be anything: throws E_INDEX.
class NumberReader {
 public:
  explicit NumberReader(Span bytes) : at_(bytes.data), end_(bytes.data + bytes.size) {}
  [[noreturn]] static void refuse() { throw Error("E_INDEX", "the saved index is damaged"); }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  uint64_t plain() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) refuse();
      const uint8_t byte = *at_++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    refuse();
  }
  int64_t number() {
    const uint64_t value = plain();
    return static_cast<int64_t>(value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0));
  }
  /// From `least` to `most`.
  int64_t within(int64_t least, int64_t most) { return checked(number(), least, most); }
  static int64_t checked(int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most) refuse();
    return value;
  }
  /// The next of a column.
  int64_t next() {
    if (zeros_ > 0) {
      zeros_--;
      return 0;
    }
    const int64_t value = number();
    if (value == 0) zeros_ = plain();
    return value;
  }
  void end_column() const {
    if (zeros_ != 0) refuse();
  }
  Span raw(size_t size) {
    if (size > left()) refuse();
    at_ += size;
    return {at_ - size, size};
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  uint64_t zeros_ = 0;
};

}  // namespace fp::av
