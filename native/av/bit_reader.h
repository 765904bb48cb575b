// Bits of a codec header, most significant first. Reading past the end yields zeros and sets `overrun`.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

class BitReader {
 public:
  /// `skip_emulation` drops the 03 of 00 00 03, as H.264 and HEVC payloads need.
  BitReader(const uint8_t* data, size_t size, bool skip_emulation)
      : data_(data), size_(size), skip_emulation_(skip_emulation) {}

  uint32_t bit() {
    if (left_ == 0) load();
    left_--;
    return current_ >> left_ & 1U;
  }
  uint32_t bits(int count) {
    uint32_t value = 0;
    while (count-- > 0) value = value << 1 | bit();
    return value;
  }
  /// Exp-Golomb, unsigned (H.264 9.1).
  uint32_t golomb() {
    int zeros = 0;
    while (bit() == 0 && !overrun_ && zeros < 32) zeros++;
    return zeros == 0 ? 0 : static_cast<uint32_t>((uint64_t{1} << zeros) - 1 + bits(zeros));
  }
  int32_t signed_golomb() {
    const uint32_t code = golomb();
    return code % 2 == 1 ? static_cast<int32_t>(code / 2 + 1) : -static_cast<int32_t>(code / 2);
  }
  bool overrun() const { return overrun_; }
  /// Bytes of which no bit was read.
  size_t left() const { return size_ - at_; }

 private:
  void load() {
    if (skip_emulation_ && zeros_ >= 2 && at_ < size_ && data_[at_] == 3) {
      at_++;
      zeros_ = 0;
    }
    if (at_ >= size_) {
      overrun_ = true;
      current_ = 0;
    } else {
      current_ = data_[at_++];
      zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    }
    left_ = 8;
  }

  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
  bool skip_emulation_;
  bool overrun_ = false;
  uint32_t current_ = 0;
  int left_ = 0;
  int zeros_ = 0;
};

}  // namespace fp::av
