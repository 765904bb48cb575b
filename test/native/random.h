// Numbers that are the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fp::test {

/// SplitMix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  /// From 0 to `bound` - 1.
  size_t below(size_t bound) { return static_cast<size_t>(next() % bound); }
  uint8_t byte() { return static_cast<uint8_t>(next() & 0xff); }
  std::vector<uint8_t> bytes(size_t count) {
    std::vector<uint8_t> made(count);
    for (uint8_t& one : made) one = byte();
    made.shrink_to_fit();
    return made;
  }

 private:
  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t mixed = (state_ ^ state_ >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }

  uint64_t state_;
};

}  // namespace fp::test
