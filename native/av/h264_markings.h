// What a picture of H.264 that others may refer to says of those that are kept for them (ITU-T H.264, 7.3.3.3).
#pragma once

#include <map>
#include <optional>

#include "slice_headers.h"
#include "stream_headers.h"

namespace fp::av {

struct H264Marking {
  bool forgets = false;   ///< all that was kept for long before
  bool keeps = false;     ///< another one for long, from here on
  bool restarts = false;  ///< all others are forgotten, and numbers begin anew (memory_management_control_operation 5)
};

class H264Markings {
 public:
  /// These are in force from the next unit on.
  void use(const StreamHeaders& headers);
  /// Of the pictures; none without one in force, or where several differ.
  const std::optional<H264Sps>& sequence() const { return sequence_; }
  /// Of a slice under that sequence, as read_h264_slice() read it; `bits` stands behind. None where nobody refers to
  /// its picture, or where it cannot be told.
  std::optional<H264Marking> of(const H264Slice& slice, BitReader bits) const;

 private:
  std::optional<H264Sps> sequence_;
  std::map<uint32_t, H264Pps> pictures_;
};

}  // namespace fp::av
