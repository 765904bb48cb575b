#include "long_term_pictures.h"

namespace fp::av {

LongTermPictures::LongTermPictures(const AVCodecParameters& parameters) : units_(parameters) {
  use(StreamHeaders(parameters));
}

bool LongTermPictures::next(Span packet) {
  const std::optional<H264Sps>& sequence = markings_.sequence();
  if (!sequence) return false;
  bool stays = kept_;
  units_.each(packet, [&](int type, Span rest) {
    if (!units_.is_slice(type)) return true;
    const bool has_header = type == h264_unit::kSlice || type == h264_unit::kPartitionA || type == h264_unit::kIdr;
    H264Slice slice{};
    BitReader bits(nullptr, 0, true);
    const bool is_read = has_header && read_h264_slice(rest, *sequence, slice, bits);
    const std::optional<H264Marking> marking = is_read ? markings_.of(slice, bits) : std::nullopt;
    if (marking) {
      kept_ = marking->keeps || (kept_ && !marking->forgets);
      stays = stays && !marking->forgets;
      any_ = any_ || marking->keeps;
    }
    return !sequence->frames_only;
  });
  return stays;
}

}  // namespace fp::av
