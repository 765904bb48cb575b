// Whether each field of an H.264 stream has its other one. FFmpeg's decoder counts those that stand alone, each of its
// threads by itself, and behind two it shows every picture once its first field is there; no flush has it forget them.
#pragma once

#include <optional>

#include "stream_headers.h"

namespace fp::av {

/// Follows the packets that are sent to one decoder; of another codec than H.264 it says nothing.
class FieldPairs {
 public:
  explicit FieldPairs(const AVCodecParameters& parameters);
  /// Decoding begins somewhere.
  void restart(const StreamHeaders& headers);
  /// These are in force from the next packet on.
  void use(const StreamHeaders& headers);
  /// Of the next packet; false: the field in front of one of its pictures stands alone.
  bool complete(Span packet);

 private:
  enum class Open : uint8_t { kNone, kTop, kBottom };

  bool h264_ = false;
  int length_size_ = 0;
  std::optional<H264Sps> sequence_;  // where there may be fields
  Open open_ = Open::kNone;          // the field that waits for its other one
  uint32_t number_ = 0;              // its frame_num
};

}  // namespace fp::av
