#include "frame_numbers.h"

#include "h264_slice.h"

namespace fp::av {

FrameNumbers::FrameNumbers(const AVCodecParameters& parameters) : h264_(parameters.codec_id == AV_CODEC_ID_H264) {
  if (!h264_) return;
  length_size_ = h264_header(Span{parameters.extradata, static_cast<size_t>(parameters.extradata_size)}).length_size;
}

void FrameNumbers::restart(const StreamHeaders& headers) {
  last_.reset();
  use(headers);
}

void FrameNumbers::use(const StreamHeaders& headers) {
  if (h264_) sequence_ = headers.h264_sequence();
}

bool FrameNumbers::follows(Span packet) {
  if (!sequence_ || sequence_->allows_gaps) return true;
  bool whole = true;
  const auto look = [&](Span unit) {
    const int type = unit.data[0] & 0x1f;
    if (type < 1 || type > 5) return true;
    H264Slice slice{};
    if (type == 3 || type == 4 || !read_h264_slice(unit, *sequence_, slice)) return false;
    const uint32_t number = slice.frame_number;
    const uint32_t mask = (1U << sequence_->frame_num_bits) - 1;
    if (!slice.idr && last_) {
      // Numbers begin anew, at 1, also behind a picture that has all others forgotten.
      whole = number == *last_ || number == ((*last_ + 1) & mask) || number == 1;
    }
    if (slice.reference) {
      last_ = number;
    } else if (!whole) {
      last_ = (number - 1) & mask;
    }
    return false;
  };
  for_each_nal_begin(packet, length_size_, look);
  return whole;
}

}  // namespace fp::av
