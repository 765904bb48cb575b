#include "picture_list.h"

#include <algorithm>

namespace fp::av {

namespace {

constexpr int64_t kNone = AV_NOPTS_VALUE;

bool has_key(const std::vector<IndexedPacket>& packets, int32_t after, int32_t until) {
  for (int32_t i = after + 1; i <= until; i++) {
    if (packets[static_cast<size_t>(i)].key) return true;
  }
  return false;
}

/// Where presentation times step back more often than decoding times, libavcodec's best effort may take the latter.
bool pts_are_best(const std::vector<IndexedPacket>& packets, const std::vector<IndexedFrame>& frames) {
  int64_t stepping_back = 0;
  for (size_t i = 1; i < frames.size(); i++) stepping_back += frames[i].pts <= frames[i - 1].pts ? 1 : 0;
  for (size_t i = 1; i < packets.size() && stepping_back > 0; i++) {
    const int64_t dts = packets[i].dts;
    if (dts == kNone || dts <= packets[i - 1].dts) stepping_back--;
  }
  return stepping_back == 0;
}

}  // namespace

bool PictureList::add(const PacketContent& content, int32_t ordinal) {
  if (!content.certain) return false;
  if (content.structure == Structure::kFrame) {
    if (open_field_ >= 0) return false;
    if (content.shown) pictures_.push_back({ordinal, ordinal, content.between, content.order});
    return true;
  }
  if (open_field_ < 0) {
    open_field_ = ordinal;
    open_structure_ = content.structure;
    pictures_.push_back({ordinal, ordinal, content.between, content.order});
    return true;
  }
  if (open_structure_ == content.structure) return false;
  pictures_.back().last = ordinal;
  open_field_ = -1;
  return true;
}

/// Pictures before a key packet in decoding order come out before it and before its leading pictures, so each group
/// that a key packet begins is sorted by itself.
bool PictureList::order(const std::vector<IndexedPacket>& packets, const OrderRules& rules,
                        std::vector<IndexedFrame>& frames) const {
  std::optional<int64_t> last;
  size_t begin = 0;
  while (begin < pictures_.size()) {
    size_t end = begin + 1;
    while (end < pictures_.size() && !has_key(packets, pictures_[end - 1].first, pictures_[end].first)) end++;
    const auto at = [&](size_t i) { return pictures_.begin() + static_cast<ptrdiff_t>(i); };
    if (!order_group(packets, rules, std::vector<Picture>(at(begin), at(end)), last, frames)) return false;
    begin = end;
  }
  return (!rules.types_decide || follows_types(packets, frames)) && pts_are_best(packets, frames);
}

/// By timestamps. False: they are missing or repeat, or the pictures state another order: where streams were cut and
/// joined by their packets, or times step back, decoders go by that. `last`: what the group before ended with.
bool PictureList::order_group(const std::vector<IndexedPacket>& packets, const OrderRules& rules,
                              std::vector<Picture> group, std::optional<int64_t>& last,
                              std::vector<IndexedFrame>& frames) const {
  const auto packet_of = [&](const Picture& picture) -> const IndexedPacket& {
    return packets[static_cast<size_t>(picture.first)];
  };
  if (rules.reorders) {
    int64_t last_dts = kNone;
    for (const Picture& picture : group) {
      if (packet_of(picture).pts == kNone) return false;
      const int64_t dts = packet_of(picture).dts;
      // A jump inside a group: timestamps no longer tell the order.
      if (dts != kNone && last_dts != kNone && dts < last_dts) return false;
      if (dts != kNone) last_dts = dts;
    }
    std::stable_sort(group.begin(), group.end(),
                     [&](const Picture& a, const Picture& b) { return packet_of(a).pts < packet_of(b).pts; });
    for (size_t i = 1; i < group.size(); i++) {
      if (packet_of(group[i]).pts == packet_of(group[i - 1]).pts) return false;
    }
  }
  for (const Picture& picture : group) {
    if (picture.order && last && *picture.order <= *last) return false;
    if (picture.order) last = picture.order;
    const IndexedPacket& packet = packet_of(picture);
    if (packet.discard) continue;
    const int64_t pts = packet.pts != kNone ? packet.pts : packet.dts;
    if (pts == kNone) return false;
    frames.push_back({pts, packet.duration, picture.first, picture.last, 0, packet.key});
  }
  return true;
}

/// Whether the frames' order is the decoder's: a reference picture waits until the next one comes, a picture between
/// two of them comes out at once.
bool PictureList::follows_types(const std::vector<IndexedPacket>& packets,
                                const std::vector<IndexedFrame>& frames) const {
  size_t next = 0;
  const auto comes_next = [&](const Picture& picture) {
    if (packets[static_cast<size_t>(picture.first)].discard) return true;
    return next < frames.size() && frames[next++].packet == picture.first;
  };
  const Picture* held = nullptr;
  for (const Picture& picture : pictures_) {
    if (picture.between ? !comes_next(picture) : held != nullptr && !comes_next(*held)) return false;
    if (!picture.between) held = &picture;
  }
  return held == nullptr || comes_next(*held);
}

void fill_durations(FrameIndex& index) {
  std::vector<IndexedFrame>& frames = index.frames;
  const std::vector<IndexedPacket>& packets = index.packets;
  std::vector<bool> begins(packets.size());
  for (const IndexedFrame& frame : frames) begins[static_cast<size_t>(frame.packet)] = true;
  for (IndexedFrame& frame : frames) {
    const auto at = static_cast<size_t>(frame.packet);
    if (!packets[at].field || at + 1 >= packets.size() || begins[at + 1]) continue;
    const IndexedPacket& second = packets[at + 1];
    if (!second.field || second.duration <= 0) continue;
    // Containers may give both the frame's time, or state the frame's duration with the first.
    const bool timed = packets[at].pts != kNone && second.pts != kNone;
    const int64_t begin = timed ? std::max<int64_t>(0, second.pts - packets[at].pts) : frame.duration;
    frame.duration = std::max(frame.duration, begin + second.duration);
  }
  for (size_t i = 0; i < frames.size(); i++) {
    if (frames[i].duration > 0) continue;
    const int64_t gap = i + 1 < frames.size() ? frames[i + 1].pts - frames[i].pts : 0;
    if (gap > 0) {
      frames[i].duration = gap;
    } else {
      frames[i].duration = i > 0 ? frames[i - 1].duration : 0;
    }
  }
}

int32_t reorder_depth_of(const FrameIndex& index) {
  constexpr size_t kMost = 16;
  std::vector<int32_t> places;
  for (const IndexedPacket& packet : index.packets) {
    if (packet.frame >= 0) places.push_back(packet.frame);
  }
  int32_t depth = 0;
  for (size_t i = 0; i < places.size(); i++) {
    int32_t after = 0;
    for (size_t back = 1; back <= std::min(i, kMost); back++) after += places[i - back] > places[i] ? 1 : 0;
    depth = std::max(depth, after);
  }
  return depth;
}

}  // namespace fp::av
