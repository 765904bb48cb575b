// Getting the demuxer to a packet, whatever the container can do: a position is what was read, not what a seek
// promised.
#include <algorithm>
#include <string>

#include "error.h"
#include "reader.h"

namespace fp::av {

namespace {

/// Reading on over this many packets is cheaper than a seek.
constexpr int32_t kReadOn = 8;
/// How far behind a seek to look for a packet that the index knows.
constexpr int kMostUnknown = 64;

}  // namespace
int32_t Reader::ordinal_of(const AVPacket& packet, int32_t wanted) const {
  const auto by_position =
      std::lower_bound(by_position_.begin(), by_position_.end(), packet.pos,
                       [&](int32_t ordinal, int64_t position) { return index_.packet_position[ordinal] < position; });
  int32_t found = -1;
  for (auto i = by_position; i != by_position_.end() && index_.packet_position[*i] == packet.pos; ++i) {
    const int64_t pts = index_.packet_pts[*i];
    if (pts != packet.pts && pts != AV_NOPTS_VALUE && packet.pts != AV_NOPTS_VALUE) continue;
    // A sample that several edits show: the last one not after what is wanted.
    if (found < 0 || *i <= wanted) found = *i;
  }
  return found;
}

int32_t Reader::recognise(int32_t wanted) {
  for (int i = 0; i < kMostUnknown && demuxer_->read(*packet_); i++) {
    const int32_t ordinal = ordinal_of(*packet_, wanted);
    if (ordinal >= 0) {
      demuxer_->unread(*packet_);
      return ordinal;
    }
    av_packet_unref(packet_.get());
  }
  return -1;
}

int32_t Reader::key_before(int32_t ordinal) const {
  for (int32_t i = ordinal - 1; i > 0; i--) {
    if (index_.packet_key[i] != 0) return i;
  }
  return 0;
}

void Reader::skip_to(int32_t ordinal) {
  while (next_ordinal_ < ordinal && demuxer_->read(*packet_)) {
    av_packet_unref(packet_.get());
    next_ordinal_++;
  }
}

/// The first key packet whose time was over before: where recordings are joined, seeking by time does not lead there.
int32_t Reader::find_repeated_times() const {
  // No reordering reaches that far, even where each packet is marked as a key packet.
  constexpr int32_t kFar = 32;
  for (int32_t i = 1; i < index_.packets; i++) {
    if (index_.packet_key[i] == 0) continue;
    const int64_t timestamp = timestamp_of(i);
    const int64_t earlier = timestamp_of(std::max(0, i - kFar));
    if (timestamp != AV_NOPTS_VALUE && earlier != AV_NOPTS_VALUE && timestamp <= earlier) return i;
  }
  return INT32_MAX;
}

int64_t Reader::timestamp_of(int32_t packet) const {
  const int64_t pts = index_.packet_pts[packet];
  return pts != AV_NOPTS_VALUE ? pts : index_.packet_dts[packet];
}

bool Reader::seek_to(int32_t packet) {
  const int64_t timestamp = timestamp_of(packet);
  const int64_t position = index_.packet_position[packet];
  const bool by_time = demuxer_->seeking() == Seeking::kTimestamp && timestamp != AV_NOPTS_VALUE;
  if (!by_time && (demuxer_->seeking() != Seeking::kByte || position < 0)) return false;
  next_ordinal_ = -1;
  stats_.seeks++;
  return by_time ? demuxer_->seek_timestamp(timestamp) : demuxer_->seek_byte(position);
}

/// Moves to `key` by a seek to `target`, which is not after it, and reading on. False: the position is any, or unknown.
bool Reader::seek_near(int32_t target, int32_t key) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    if (!seek_to(target)) return false;
    const int32_t landed = recognise(key);
    if (landed < 0) return false;
    if (landed <= key) {
      next_ordinal_ = landed;
      skip_to(key);
      return next_ordinal_ == key;
    }
    if (target == 0) return false;
    target = key_before(target);
  }
  return false;
}

void Reader::restart() {
  next_ordinal_ = -1;
  demuxer_->reopen();
  next_ordinal_ = 0;
}

void Reader::move_to(int32_t key) {
  const bool by_time = demuxer_->seeking() == Seeking::kTimestamp;
  const bool joined = by_time && key >= repeated_times_;
  const bool is_ahead = next_ordinal_ >= 0 && next_ordinal_ <= key;
  // What a seek would lead to lies behind.
  const bool in_joined = joined && next_ordinal_ >= repeated_times_;
  const bool only_onwards = demuxer_->seeking() == Seeking::kNone;
  if (is_ahead && (in_joined || only_onwards || key - next_ordinal_ <= kReadOn)) {
    skip_to(key);
    if (next_ordinal_ == key) return;
  }
  if (!joined && seek_near(key, key)) return;
  // Demuxers remember what they read, and that of a part may make the way to another one impassable: a new one knows
  // nothing. It is led to a place close to the end of the first part, but not to its end, where it would look around.
  if (by_time && repeated_times_ != INT32_MAX) {
    restart();
    if (seek_near(joined ? key_before(key_before(repeated_times_)) : key, key)) return;
  }
  restart();
  skip_to(key);
}

void Reader::read_packets(const int32_t* ordinals, size_t count, const std::function<void(const AVPacket&)>& take) {
  const LogScope scope(log_);
  ensure_open();
  // Whatever the decoder was at is over; where the demuxer stands is still known.
  run_start_ = -1;
  current_pts_ = AV_NOPTS_VALUE;
  try {
    for (size_t i = 0; i < count; i++) {
      const int32_t ordinal = ordinals[i];
      if (ordinal < 0 || ordinal >= index_.packets) throw Error("E_INTERNAL", "a packet lies outside the index");
      cancel_.throw_if_requested();
      if (next_ordinal_ != ordinal) {
        const int32_t key = key_before(ordinal + 1);
        if (next_ordinal_ < key || next_ordinal_ > ordinal) move_to(key);
        skip_to(ordinal);
      }
      if (next_ordinal_ != ordinal || !demuxer_->read(*packet_)) {
        throw Error("E_INVALID_DATA", "packet " + std::to_string(ordinal) + " cannot be read");
      }
      next_ordinal_++;
      if (index_.saved) expect_packet(ordinal);
      stats_.packets++;
      take(*packet_);
      av_packet_unref(packet_.get());
    }
  } catch (...) {
    forget_position();
    throw;
  }
}

}  // namespace fp::av
