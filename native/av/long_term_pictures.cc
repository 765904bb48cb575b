#include "long_term_pictures.h"

namespace fp::av {

LongTermPictures::LongTermPictures(const AVCodecParameters& parameters) : units_(parameters) {
  use(StreamHeaders(parameters));
}

void LongTermPictures::use(const StreamHeaders& headers) {
  sequence_ = headers.h264_sequence();
  markings_.use(headers);
}

bool LongTermPictures::next(Span packet) {
  if (!sequence_) return false;
  bool stays = kept_;
  units_.each(packet, [&](int type, Span rest) {
    if (!units_.is_slice(type)) return true;
    const bool has_header = type == h264_unit::kSlice || type == h264_unit::kPartitionA || type == h264_unit::kIdr;
    const std::optional<H264Marking> marking = has_header ? markings_.of(rest) : std::nullopt;
    if (marking) {
      kept_ = marking->keeps || (kept_ && !marking->forgets);
      stays = stays && !marking->forgets;
      any_ = any_ || marking->keeps;
    }
    return !sequence_->frames_only;
  });
  return stays;
}

}  // namespace fp::av
