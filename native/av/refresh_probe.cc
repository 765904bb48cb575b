#include "refresh_probe.h"

#include <algorithm>

#include "headers_in_force.h"

namespace fp::av {

RefreshProbe::RefreshProbe(ByteSource& source, const AVCodecParameters& parameters)
    : source_(source),
      access_(parameters),
      units_(parameters),
      length_size_(static_cast<size_t>(units_.length_size())),
      near_(units_.is_h264() && length_size_ > 0 && source.is_near()),
      plausible_(near_),
      long_term_(parameters) {}

Span RefreshProbe::look(const AVPacket& packet, bool key, bool refreshing, RandomAccess& access) {
  if (!plausible_ || !(key || refreshing)) return {};
  read(packet.pos, packet.size);
  const Span head{head_.data(), head_.size()};
  if (key) {
    const RandomAccess found = access_.look(head);
    // Streams that refresh gradually do so from the second key packet on.
    plausible_ = found.access == Access::kGradual;
    if (plausible_) access = found;
  }
  return head;
}

bool RefreshProbe::keeps_pictures(const std::vector<IndexedPacket>& packets) {
  if (!near_ || packets.empty()) return false;
  const auto is_key = [](const IndexedPacket& packet) { return packet.key; };
  const auto second = std::find_if(packets.begin() + 1, packets.end(), is_key);
  if (second == packets.end()) return false;
  read(second->position, second->size);
  if (begins_anew()) return false;
  const int64_t begin = packets.front().position;
  for (const IndexedPacket& packet : packets) {
    const int64_t distance = packet.position - begin;
    if (distance < 0 || distance > kNearBytes) continue;
    read(packet.position, packet.size);
    long_term_.next(Span{head_.data(), head_.size()});
    if (long_term_.any()) return true;
  }
  return false;
}

bool RefreshProbe::keeps_early(const IndexView& index) {
  // As approximate mode looks at.
  constexpr int32_t kMost = 8;
  if (!units_.is_h264() || length_size_ == 0) return false;
  for (int32_t i = 0; i < std::min(index.packets, kMost) && !long_term_.any(); i++) {
    read(index.packet_position[i], index.packet_size[i]);
    long_term_.next(Span{head_.data(), head_.size()});
  }
  return long_term_.any();
}

/// An IDR picture: all before it is forgotten.
bool RefreshProbe::begins_anew() const {
  bool found = false;
  units_.each(Span{head_.data(), head_.size()}, [&](int type, Span) { return !(found = type == h264_unit::kIdr); });
  return found;
}

/// The length of the last unit is cut to what there is of it. Where nothing can be read, whoever needs the picture is
/// told so.
void RefreshProbe::read(int64_t position, int32_t bytes) {
  constexpr int kMost = 4096;
  head_.clear();
  if (position < 0 || bytes <= 0) return;
  head_.resize(static_cast<size_t>(std::min(bytes, kMost)));
  const int got = source_.read(position, head_.data(), static_cast<int>(head_.size()));
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
