// What a picture of H.264 that others may refer to says of those that are kept for them (ITU-T H.264, 7.3.3.3).
#pragma once

#include <map>
#include <optional>

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
  /// Of a slice; its begin is enough. None where nobody refers to its picture, or where it cannot be told.
  std::optional<H264Marking> of(Span unit) const;

 private:
  std::optional<H264Sps> sequence_;  // none: without one, or several that differ
  std::map<uint32_t, H264Pps> pictures_;
};

}  // namespace fp::av
