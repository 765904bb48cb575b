// Cooperative cancel: the main thread writes the ticket of the job to stop into shared memory.
#pragma once

#include <cstdint>

#include "error.h"

namespace fp::av {

/// Polled by the decode loop, the byte source and FFmpeg's interrupt callback. The flag's memory belongs to
/// JavaScript and outlives the job; a default-made one never cancels.
class Cancel {
 public:
  Cancel() = default;
  Cancel(const int32_t* flag, int32_t ticket) : flag_(flag), ticket_(ticket) {}
  bool requested() const { return flag_ != nullptr && __atomic_load_n(flag_, __ATOMIC_RELAXED) == ticket_; }
  void throw_if_requested() const {
    if (requested()) throw Error(kCancelled, "cancelled");
  }

 private:
  const int32_t* flag_ = nullptr;
  int32_t ticket_ = 0;
};

}  // namespace fp::av
