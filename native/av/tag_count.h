// How many tags a file may have.
#pragma once

#include <string>

#include "error.h"

namespace fp::av {

/// FFmpeg looks for each tag among those before it: the time that they take grows with the square of their number.
class TagCount {
 public:
  /// Throws E_LIMIT for one more than a file may have.
  void add() {
    if (++count_ > kMost) throw Error("E_LIMIT", "it has more than " + std::to_string(kMost) + " tags");
  }

 private:
  static constexpr int kMost = 10'000;
  int count_ = 0;
};

}  // namespace fp::av
