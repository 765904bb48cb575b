#include "timed_packets.h"

namespace fp::av {

namespace {

constexpr int64_t kNone = AV_NOPTS_VALUE;
/// A picture comes out before so many packets were sent after its own, whatever the decoder holds back in its threads.
constexpr int64_t kMostDelay = 256;

}  // namespace

void TimedPackets::restart() {
  sent_.clear();
  first_ = 0;
  best_effort_ = BestEffort();
}

int64_t TimedPackets::add(AVPacket& packet, const RandomAccessReader& access, int highest_layer, bool follows) {
  const int64_t number = first_ + static_cast<int64_t>(sent_.size());
  const Span bytes = span_of(packet);
  const bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
  RandomAccess found{Access::kOpen, true, false, 0};
  if (access.tells() && bytes.size > 0) found = access.look(bytes);
  const bool starts = sent_.empty() || (key && found.access == Access::kOpen);
  const bool stands = found.access == Access::kOpen || found.intra;
  const bool unreferenced = bytes.size > 0 && access.is_unreferenced(bytes, highest_layer);
  const bool discard = (packet.flags & AV_PKT_FLAG_DISCARD) != 0;
  sent_.push_back(
      {packet.pts, packet.dts, starts ? number : sent_.back().start, key, stands, unreferenced, discard, follows});
  packet.pts = packet.dts = number;
  packet.flags &= ~AV_PKT_FLAG_DISCARD;
  // Leading pictures rest on what is behind the start before.
  const Sent* latest = find(number - kMostDelay);
  const Sent* before = latest == nullptr ? nullptr : find(latest->start - 1);
  for (const int64_t kept = before == nullptr ? first_ : before->start; first_ < kept; first_++) sent_.pop_front();
  return number;
}

const TimedPackets::Sent* TimedPackets::find(int64_t number) const {
  if (number < first_ || number - first_ >= static_cast<int64_t>(sent_.size())) return nullptr;
  return &sent_[static_cast<size_t>(number - first_)];
}

bool TimedPackets::stands(const AVFrame& frame) const {
  const Sent* own = find(frame.pts);
  return own == nullptr || own->stands;
}

bool TimedPackets::is_promised_start(const AVFrame& frame) const {
  const Sent* own = find(frame.pts);
  return frame.pts == 0 && own != nullptr && own->key;
}

bool TimedPackets::is_discarded(const AVFrame& frame) const {
  const Sent* own = find(frame.pts);
  return own != nullptr && own->discard;
}

int64_t TimedPackets::time_of(const AVFrame& frame, bool by_packet) {
  const Sent* own = find(frame.pts);
  if (own != nullptr) sent_[static_cast<size_t>(frame.pts - first_)].out = true;
  const Sent* sent_last = find(frame.pkt_dts);
  const int64_t own_time = own == nullptr ? kNone : own->pts;
  const int64_t guess = best_effort_.next(own_time, sent_last == nullptr ? kNone : sent_last->dts);
  return by_packet && own_time != kNone ? own_time : guess;
}

bool TimedPackets::contradicts(const AVFrame& frame) const {
  const Sent* own = find(frame.pts);
  const Sent* start = own == nullptr ? nullptr : find(own->start);
  // Of two fields, the second one's packet has no picture.
  if (start == nullptr || !start->stands || own->pts == kNone || is_interlaced(frame)) return false;
  for (int64_t at = own->start; at - first_ < static_cast<int64_t>(sent_.size()); at++) {
    const Sent* other = find(at);
    if (at == frame.pts || other->pts == kNone || other->discard) continue;
    // What leads a start may have stayed away.
    const bool leads = start->pts == kNone || other->pts < start->pts;
    if (other->pts == own->pts || (at < frame.pts && !other->out && !leads && other->pts < own->pts)) return true;
  }
  return false;
}

bool TimedPackets::is_spoilt(const AVFrame& frame, const Decoder& decoder) const {
  const Sent* own = find(frame.pts);
  // Nothing is known of it.
  if (own == nullptr) return decoder.complaint(0, first_ + static_cast<int64_t>(sent_.size())) >= 0;
  if (decoder.complaint_of_picture(frame.pts, frame.pts) >= 0 || decoder.leftover(0, frame.pts - 1) >= 0) return true;
  const auto leads = [](const Sent& picture, const Sent& start) {
    return picture.pts != kNone && start.pts != kNone && picture.pts < start.pts;
  };
  const Sent* start = find(own->start);
  if (start != nullptr && leads(*own, *start) && find(own->start - 1) != nullptr) {
    start = find(find(own->start - 1)->start);
  }
  if (start == nullptr) return false;
  for (int64_t at = start->start; (at = decoder.complaint(at, frame.pts - 1)) >= 0; at++) {
    const Sent* other = find(at);
    const bool concerns_others = other != nullptr && (!other->unreferenced || decoder.spoils_more(at));
    if (concerns_others && !leads(*other, *start)) return true;
  }
  for (int64_t at = start->start + 1; at <= frame.pts; at++) {
    const Sent* other = find(at);
    // A key picture misses nothing.
    if (other != nullptr && !other->follows && other->start != at) return true;
  }
  return false;
}

}  // namespace fp::av
