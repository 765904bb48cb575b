// Memory that is used again and whose old contents do not matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "heap.h"

namespace fp::av {

/// Grows, and shrinks only by free_huge(). Aligned for vector loads and stores.
class Scratch {
 public:
  /// At least `bytes` bytes, undefined; what an earlier call returned is gone when it was less.
  uint8_t* take(size_t bytes) {
    if (bytes > size_) {
      memory_.reset();
      size_ = 0;
      memory_.reset(static_cast<uint8_t*>(::operator new(bytes, kAlignment)));
      size_ = bytes;
    }
    return memory_.get();
  }

  /// What was taken is gone if it was so large that the next picture may need the room before this is taken again.
  void free_huge() {
    if (size_ < kHugePicture) return;
    memory_.reset();
    size_ = 0;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(uint8_t* memory) const { ::operator delete(memory, kAlignment); }
  };
  std::unique_ptr<uint8_t, Free> memory_;
  size_t size_ = 0;
};

}  // namespace fp::av
