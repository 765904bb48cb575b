#include "h264_pictures.h"

namespace fp::av {

void H264Pictures::restart(const StreamHeaders& headers) {
  last_.reset();
  open_ = Open::kNone;
  use(headers);
}

H264Pictures::Found H264Pictures::next(Span packet) {
  Found found;
  const std::optional<H264Sps>& sequence = markings_.sequence();
  if (!sequence) return found;
  bool first = true;
  units_.each(packet, [&](int type, Span rest) {
    if (!units_.is_slice(type)) return true;
    H264Slice slice{};
    BitReader bits(nullptr, 0, true);
    const bool has_header = type == h264_unit::kSlice || type == h264_unit::kPartitionA || type == h264_unit::kIdr;
    if (has_header && read_h264_slice(rest, *sequence, slice, bits)) {
      if (first) found.follows = follows(*sequence, slice, markings_.of(slice, bits));
      if (!sequence->frames_only && slice.begins_picture && !pairs(slice)) found.complete = false;
    }
    first = false;
    return !sequence->frames_only;
  });
  return found;
}

bool H264Pictures::follows(const H264Sps& sequence, const H264Slice& slice, const std::optional<H264Marking>& marking) {
  if (sequence.allows_gaps) return true;
  const uint32_t number = slice.frame_number;
  const uint32_t mask = (1U << sequence.frame_num_bits) - 1;
  const bool goes_on = !last_ || number == *last_ || number == ((*last_ + 1) & mask);
  const bool follows = slice.idr || goes_on || (may_restart_ && number == 1);
  if (slice.reference) {
    last_ = marking && marking->restarts ? 0 : number;
    may_restart_ = !marking;
  } else if (!follows) {
    last_ = (number - 1) & mask;
  }
  return follows;
}

/// False: the field before this picture stays without its other one.
bool H264Pictures::pairs(const H264Slice& slice) {
  const Open own = slice.field ? (slice.bottom ? Open::kBottom : Open::kTop) : Open::kNone;
  const bool pair = slice.field && open_ != Open::kNone && own != open_ && number_ == slice.frame_number;
  const bool alone = open_ != Open::kNone && !pair;
  open_ = pair ? Open::kNone : own;
  number_ = slice.frame_number;
  return !alone;
}

}  // namespace fp::av
