// Getting the demuxer to a packet, whatever the container can do: a position is what was read, not what a seek
// promised.
#include <algorithm>

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

bool Reader::seek_near(int32_t key) {
  constexpr int kAttempts = 3;
  int32_t target = key;
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    const int64_t pts = index_.packet_pts[target];
    const int64_t timestamp = pts != AV_NOPTS_VALUE ? pts : index_.packet_dts[target];
    bool sought = false;
    next_ordinal_ = -1;
    if (demuxer_->seeking() == Seeking::kTimestamp && timestamp != AV_NOPTS_VALUE) {
      sought = demuxer_->seek_timestamp(timestamp);
    } else if (demuxer_->seeking() == Seeking::kByte && index_.packet_position[target] >= 0) {
      sought = demuxer_->seek_byte(index_.packet_position[target]);
    }
    if (!sought) return false;
    stats_.seeks++;
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

void Reader::move_to(int32_t key) {
  if (next_ordinal_ >= 0 && next_ordinal_ <= key && key - next_ordinal_ <= kReadOn) {
    skip_to(key);
    if (next_ordinal_ == key) return;
  }
  if (seek_near(key)) return;
  if (next_ordinal_ < 0 || next_ordinal_ > key) {
    demuxer_->reopen();
    next_ordinal_ = 0;
  }
  skip_to(key);
}

}  // namespace fp::av
