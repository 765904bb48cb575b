// Whether each H.264 packet brings what its decoder waits for. Where a picture that others may refer to is missing
// (frame_num, 7.4.3), FFmpeg's makes one up, often without a word. Fields that stand alone it counts, each of its
// threads by itself, and behind two it shows every picture once its first field is there; no flush has it forget them.
#pragma once

#include <optional>

#include "coded_units.h"
#include "h264_markings.h"
#include "slice_headers.h"
#include "stream_headers.h"

namespace fp::av {

/// Follows the packets that are sent to one decoder; of another codec than H.264 it says nothing.
class H264Pictures {
 public:
  struct Found {
    bool follows = true;   ///< false: something is missing in front of the packet's picture
    bool complete = true;  ///< false: the field in front of one of its pictures stands alone
  };

  explicit H264Pictures(const AVCodecParameters& parameters) : units_(parameters) {}
  /// Decoding begins somewhere.
  void restart(const StreamHeaders& headers);
  /// These are in force from the next packet on.
  void use(const StreamHeaders& headers) { markings_.use(headers); }
  /// Of the next packet.
  Found next(Span packet);

 private:
  enum class Open : uint8_t { kNone, kTop, kBottom };

  bool follows(const H264Sps& sequence, const H264Slice& slice, const std::optional<H264Marking>& marking);
  bool pairs(const H264Slice& slice);

  CodedUnits units_;
  H264Markings markings_;
  std::optional<uint32_t> last_;  // number of the reference picture before, as the next ones count on from it
  bool may_restart_ = false;      // whether they do is not known
  Open open_ = Open::kNone;       // the field that waits for its other one
  uint32_t number_ = 0;           // its number
};

}  // namespace fp::av
