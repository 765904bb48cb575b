#include "refresh_probe.h"

#include <algorithm>

namespace fp::av {

RefreshProbe::RefreshProbe(ByteSource& source, const AVCodecParameters& parameters)
    : source_(source),
      access_(parameters),
      length_size_(static_cast<size_t>(CodedUnits(parameters).length_size())),
      plausible_(parameters.codec_id == AV_CODEC_ID_H264 && length_size_ > 0 && source.is_near()) {}

Span RefreshProbe::look(const AVPacket& packet, bool key, bool refreshing, RandomAccess& access) {
  if (!plausible_ || !(key || refreshing)) return {};
  read(packet);
  const Span head{head_.data(), head_.size()};
  if (key) {
    const RandomAccess found = access_.look(head);
    // Streams that refresh gradually do so from the second key packet on.
    plausible_ = found.access == Access::kGradual;
    if (plausible_) access = found;
  }
  return head;
}

/// The length of the last unit is cut to what there is of it. Where nothing can be read, whoever needs the picture is
/// told so.
void RefreshProbe::read(const AVPacket& packet) {
  constexpr int kMost = 4096;
  head_.clear();
  if (packet.pos < 0 || packet.size <= 0) return;
  head_.resize(static_cast<size_t>(std::min(packet.size, kMost)));
  const int got = source_.read(packet.pos, head_.data(), static_cast<int>(head_.size()));
  head_.resize(static_cast<size_t>(std::max(got, 0)));
  for (size_t at = 0; at + length_size_ < head_.size();) {
    size_t size = 0;
    for (size_t i = 0; i < length_size_; i++) size = size << 8 | head_[at + i];
    const size_t left = head_.size() - at - length_size_;
    if (size > left) {
      for (size_t i = 0; i < length_size_; i++) {
        head_[at + i] = static_cast<uint8_t>(left >> (8 * (length_size_ - 1 - i)));
      }
      return;
    }
    at += length_size_ + size;
  }
}

}  // namespace fp::av
