// What is asked of a decoder, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "frame_sink.h"

namespace fp::av {

enum class OnError : uint8_t { kThrow, kSkip, kNearest };

/// What became of a wanted frame; src/protocol/job.ts has the same numbers.
enum class FrameStatus : uint8_t { kOk = 0, kDamaged = 1, kNearest = 2, kSkipped = 3, kUndone = 255 };

/// Frames to decode. `targets` ascend and may repeat.
struct DecodeRequest {
  const int32_t* targets;
  size_t count;
  FrameSink* sink;
  OnError on_error = OnError::kThrow;
  bool more_follows = false;  ///< the next request goes on where this one ends: hold nothing back to finish early
  uint8_t* status;            ///< [count], written
  int32_t* delivered;         ///< [count], written: the frame that came
};

/// The same by time, without an index: for each target the first frame at or after it. `targets` ascend, in the
/// stream's time base. A frame that is further than `tolerance` from its target is another one than was meant:
/// kNearest, or, where the decoder refused something just before, one of which `on_error` decides.
struct DecodeTimesRequest {
  const int64_t* targets;
  size_t count;
  FrameSink* sink;
  OnError on_error = OnError::kThrow;
  int64_t tolerance;  ///< in the stream's time base
  uint8_t* status;    ///< [count], written
  int64_t* pts;       ///< [count], written: of the frame that came
  int64_t* duration;  ///< [count], written; 0 where unknown
};

struct DecodeStats {
  int64_t packets = 0;
  int64_t pictures = 0;
  int64_t seeks = 0;
};

}  // namespace fp::av
