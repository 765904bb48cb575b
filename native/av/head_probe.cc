#include "head_probe.h"

#include "error.h"

namespace fp::av {

namespace {

/// Encoders that use B-pictures at all rarely do without them for this long.
constexpr int kMostPackets = 8;
/// A leading B-picture shows before the second reference picture of an MPEG stream.
constexpr int kLeadingWithin = 4;

bool orders_by_count(AVCodecID codec) { return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC; }

bool reorders(AVCodecID codec) {
  return orders_by_count(codec) || codec == AV_CODEC_ID_MPEG1VIDEO || codec == AV_CODEC_ID_MPEG2VIDEO ||
         codec == AV_CODEC_ID_MPEG4;
}

}  // namespace

HeadProbe::HeadProbe(const AVCodecParameters& parameters)
    : codec_(parameters.codec_id), units_(parameters), access_(parameters) {
  if (!reorders(codec_)) return;
  parser_.reset(av_parser_init(codec_));
  context_.reset(avcodec_alloc_context3(nullptr));
  if (!parser_ || !context_) throw Error("E_LIMIT", "out of memory");
  check(avcodec_parameters_to_context(context_.get(), &parameters), "E_INVALID_DATA", "read the codec header");
  parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
}

bool HeadProbe::wants_more() const {
  if (seen_ >= kMostPackets) return false;
  if (!parser_) return access_.tells_whole_pictures() && all_keys_;
  if (!timestamps_reorder_ || all_keys_) return true;
  return seen_ < (orders_by_count(codec_) ? 1 : kLeadingWithin);
}

/// H.264 7.4.1.2.4, H.265 7.4.2.2: an IDR picture, after which every picture can be decoded.
bool HeadProbe::is_random_access(Span packet) const {
  bool found = false;
  units_.each(packet, [&](int type, Span) {
    found = units_.is_h264() ? type == h264_unit::kIdr : type == hevc_unit::kFirstIdr || type == hevc_unit::kLastIdr;
    return !found;
  });
  return found;
}

void HeadProbe::see(const AVPacket& packet) {
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  all_keys_ = all_keys_ && key;
  if (key && seen_ > 0) {
    const RandomAccess found = access_.look(span_of(packet));
    lying_ = lying_ || (found.access == Access::kNone && !found.intra);
  }
  if (!parser_) {
    seen_++;
    return;
  }
  // Without presentation times there is nothing to believe or to doubt.
  if (packet.pts == AV_NOPTS_VALUE || (seen_ > 0 && packet.pts < last_pts_)) timestamps_reorder_ = true;
  last_pts_ = packet.pts;
  if (seen_++ == 0 && orders_by_count(codec_)) {
    clean_ = is_random_access(span_of(packet));
  }
  parser_->pict_type = AV_PICTURE_TYPE_NONE;
  parser_->key_frame = -1;
  uint8_t* unused = nullptr;
  int unused_size = 0;
  av_parser_parse2(parser_.get(), context_.get(), &unused, &unused_size, packet.data, packet.size, packet.pts,
                   packet.dts, packet.pos);
  if (orders_by_count(codec_)) {
    const int order = parser_->output_picture_number;
    if (seen_ > 1 && parser_->key_frame != 1 && order < last_order_) hidden_ = true;
    last_order_ = order;
  } else if (parser_->pict_type == AV_PICTURE_TYPE_B) {
    hidden_ = true;
    if (references_ < 2) clean_ = false;
  } else {
    references_++;
    (packet.pts == AV_NOPTS_VALUE ? untimed_ : timed_) = true;
  }
}

}  // namespace fp::av
