#include "field_pairs.h"

#include "h264_slice.h"

namespace fp::av {

FieldPairs::FieldPairs(const AVCodecParameters& parameters) : h264_(parameters.codec_id == AV_CODEC_ID_H264) {
  if (!h264_) return;
  length_size_ = h264_header(Span{parameters.extradata, static_cast<size_t>(parameters.extradata_size)}).length_size;
}

void FieldPairs::restart(const StreamHeaders& headers) {
  open_ = Open::kNone;
  use(headers);
}

void FieldPairs::use(const StreamHeaders& headers) {
  if (!h264_) return;
  sequence_ = headers.h264_sequence();
  if (sequence_ && sequence_->frames_only) sequence_.reset();
}

bool FieldPairs::complete(Span packet) {
  if (!sequence_) return true;
  bool complete = true;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = unit.data[0] & 0x1f;
    H264Slice slice{};
    if (type != 1 && type != 2 && type != 5) return true;
    if (!read_h264_slice(unit, *sequence_, slice) || !slice.begins_picture) return true;
    const Open own = slice.field ? (slice.bottom ? Open::kBottom : Open::kTop) : Open::kNone;
    const bool pairs = slice.field && open_ != Open::kNone && own != open_ && number_ == slice.frame_number;
    if (open_ != Open::kNone && !pairs) complete = false;
    open_ = pairs ? Open::kNone : own;
    number_ = slice.frame_number;
    return true;
  });
  return complete;
}

}  // namespace fp::av
