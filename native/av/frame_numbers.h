// H.264's frame_num (7.4.3): whether a picture that others may refer to is missing in front of one. FFmpeg's decoder
// makes one up, often without a word.
#pragma once

#include <optional>

#include "stream_headers.h"

namespace fp::av {

/// Follows the packets that are sent to one decoder; of another codec than H.264 it says nothing.
class FrameNumbers {
 public:
  explicit FrameNumbers(const AVCodecParameters& parameters);
  /// Decoding begins somewhere.
  void restart(const StreamHeaders& headers);
  /// These are in force from the next packet on.
  void use(const StreamHeaders& headers);
  /// Of the next packet; false: something is missing in front of it.
  bool follows(Span packet);

 private:
  bool h264_ = false;
  int length_size_ = 0;
  std::optional<H264Sps> sequence_;  // none: without one, or several that differ
  std::optional<uint32_t> last_;     // of the reference picture before
};

}  // namespace fp::av
