// Where wanted pictures go.
#pragma once

#include <cstddef>

#include "handles.h"
#include "orientation.h"

namespace fp::av {

/// Takes the pictures of a request. `at` is a target's place in it; each gets one of these calls, in order.
class FrameSink {
 public:
  FrameSink() = default;
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;
  virtual ~FrameSink() = default;
  /// `given_up`: nobody reads the picture again, which may be lost as it is read.
  virtual void put(const AVFrame& frame, const Orientation& orientation, size_t at, bool given_up) = 0;
  /// The picture of the target before it once more.
  virtual void repeat(size_t at) = 0;
  /// It cannot be decoded.
  virtual void skip(size_t at) = 0;
};

}  // namespace fp::av
