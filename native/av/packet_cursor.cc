#include "packet_cursor.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "error.h"

namespace fp::av {

namespace {

/// Reading on over this many packets is cheaper than a seek.
constexpr int32_t kReadOn = 8;
/// How far behind a seek to look for a packet that the index knows.
constexpr int kMostUnknown = 64;
/// Where parsers cut the packets, a start code's first zeros go with either, as reading began before or with them.
constexpr int kZeros = 3;
/// Likewise what ends a sequence: a start code and a unit of H.264 or HEVC without a payload.
constexpr int kEndUnit = 5;
/// So many packets in a row tell where they are.
constexpr int32_t kTelling = 3;

std::vector<SeekPoint> seek_points_of(const IndexView& index) {
  std::vector<SeekPoint> points;
  for (int32_t i = 0; i < index.seek_points; i++) points.push_back({index.seek_time[i], index.seek_position[i]});
  return points;
}

}  // namespace

PacketCursor::PacketCursor(Demuxer& demuxer, DecodeStats& stats)
    : demuxer_(demuxer), stats_(stats), packet_(av_packet_alloc()) {
  if (!packet_) throw Error("E_LIMIT", "out of memory");
}

void PacketCursor::use_index(const IndexView& index) {
  index_ = index;
  by_position_.clear();
  for (int32_t i = 0; i < index_.packets; i++) {
    if (index_.packet_position[i] >= 0) by_position_.push_back(i);
  }
  std::stable_sort(by_position_.begin(), by_position_.end(),
                   [&](int32_t a, int32_t b) { return index_.packet_position[a] < index_.packet_position[b]; });
  repeated_times_ = find_repeated_times();
  // What is known of one part of joined recordings may hide the way to another.
  demuxer_.use_seek_points(repeated_times_ == INT32_MAX ? seek_points_of(index_) : std::vector<SeekPoint>());
}

/// Several packets may be at one place, and those of some containers have no pts: size and dts tell which it is most
/// like.
int32_t PacketCursor::ordinal_of(const AVPacket& packet, int32_t wanted) const {
  const auto by_position =
      std::lower_bound(by_position_.begin(), by_position_.end(), packet.pos,
                       [&](int32_t ordinal, int64_t position) { return index_.packet_position[ordinal] < position; });
  int32_t found = -1;
  int likeness = -1;
  for (auto i = by_position; i != by_position_.end() && index_.packet_position[*i] == packet.pos; ++i) {
    const int64_t pts = index_.packet_pts[*i];
    if (pts != packet.pts && pts != AV_NOPTS_VALUE && packet.pts != AV_NOPTS_VALUE) continue;
    const int like = (index_.packet_size[*i] == packet.size ? 2 : 0) + (index_.packet_dts[*i] == packet.dts ? 1 : 0);
    // A sample that several edits show: the last one not after what is wanted.
    const bool as_like = like == likeness && *i <= wanted;
    if (like <= likeness && !as_like) continue;
    found = *i;
    likeness = like;
  }
  return found;
}

/// The demuxer yields that packet next, as far as its position tells.
bool PacketCursor::is_at(int32_t ordinal) {
  if (!demuxer_.read(*packet_)) return false;
  const int32_t found = ordinal_of(*packet_, ordinal);
  demuxer_.unread(*packet_);
  return found == ordinal || found < 0;
}

int32_t PacketCursor::recognise(int32_t wanted) {
  for (int i = 0; i < kMostUnknown && demuxer_.read(*packet_); i++) {
    const int32_t ordinal = ordinal_of(*packet_, wanted);
    if (ordinal >= 0) {
      demuxer_.unread(*packet_);
      return ordinal;
    }
    av_packet_unref(packet_.get());
  }
  return -1;
}

int32_t PacketCursor::key_before(int32_t ordinal) const {
  for (int32_t i = ordinal - 1; i > 0; i--) {
    if (index_.packet_key[i] != 0) return i;
  }
  return 0;
}

void PacketCursor::skip_to(int32_t ordinal) {
  while (next_ < ordinal && demuxer_.read(*packet_)) {
    av_packet_unref(packet_.get());
    next_++;
  }
}

/// The first key packet whose time was over before: where recordings are joined, seeking by time does not lead there.
int32_t PacketCursor::find_repeated_times() const {
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

int64_t PacketCursor::timestamp_of(int32_t packet) const {
  const int64_t pts = index_.packet_pts[packet];
  return pts != AV_NOPTS_VALUE ? pts : index_.packet_dts[packet];
}

bool PacketCursor::seek_to(int32_t packet) {
  const int64_t timestamp = timestamp_of(packet);
  const int64_t position = index_.packet_position[packet];
  const bool by_time = demuxer_.seeking() == Seeking::kTimestamp && timestamp != AV_NOPTS_VALUE;
  if (!by_time && (demuxer_.seeking() != Seeking::kByte || position < 0)) return false;
  next_ = -1;
  stats_.seeks++;
  return by_time ? demuxer_.seek_timestamp(timestamp) : demuxer_.seek_byte(position);
}

/// Moves to `key` by a seek to `target`, which is not after it, and reading on. False: the position is any, or unknown.
bool PacketCursor::seek_near(int32_t target, int32_t key) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; attempt++) {
    if (!seek_to(target)) return false;
    const int32_t landed = recognise(key);
    if (landed < 0) return false;
    if (landed <= key) {
      next_ = landed;
      skip_to(key);
      // Where clocks are set back, demuxers may leave out some on the way.
      if (landed == key || (next_ == key && is_at(key))) return true;
    }
    if (target == 0) return false;
    target = key_before(target);
  }
  return false;
}

/// The packets that were read are those of the index from one on: by where they are, or where several may be at one
/// place, by their sizes too, if those differ.
bool PacketCursor::is_there(const std::deque<Packet>& read, int32_t packet) const {
  const auto differ = [](int64_t a, int64_t b) { return std::abs(a - b) > kZeros; };
  const int64_t begin = read.front()->pos;
  bool placed = true;
  bool alike = true;
  for (int32_t i = 0; i < kTelling; i++) {
    const int64_t size = index_.packet_size[packet + i];
    if (differ(read[i]->size, size)) return false;
    placed = placed && read[i]->pos >= 0 && read[i]->pos == index_.packet_position[packet + i];
    alike = alike && !differ(size, index_.packet_size[packet + i - 1]);
  }
  return placed || (!alike && (begin < 0 || begin == index_.packet_position[packet]));
}

/// Begins to read at a packet. What is left of the one before may come first, as a packet or as its begin: those
/// behind it tell that it is there. False: the position is any.
bool PacketCursor::land_on(int32_t packet) {
  constexpr int kMostLeft = 3;
  next_ = -1;
  stats_.seeks++;
  if (!demuxer_.seek_byte(index_.packet_position[packet])) return false;
  std::deque<Packet> read;
  for (int left = 0; left <= kMostLeft; left++) {
    while (read.size() < kTelling) {
      Packet next(av_packet_alloc());
      if (!next) throw Error("E_LIMIT", "out of memory");
      if (!demuxer_.read(*next)) return false;
      read.push_back(std::move(next));
    }
    AVPacket& first = *read.front();
    const int surplus = std::max(0, first.size - index_.packet_size[packet] - kZeros);
    first.data += surplus;
    first.size -= surplus;
    if (is_there(read, packet)) {
      for (; !read.empty(); read.pop_back()) demuxer_.unread(*read.back());
      times_lost_ = true;
      next_ = packet;
      return true;
    }
    read.pop_front();
  }
  return false;
}

/// Moves to a key packet by its place. Where the first bytes of a packet lie in front of what bears its position, one
/// before it may be come by. False: the position is any.
bool PacketCursor::seek_bytes(int32_t key) {
  constexpr int kAttempts = 3;
  if (demuxer_.seeking() != Seeking::kPosition) return false;
  int32_t from = std::min(key, index_.packets - kTelling);
  for (int attempt = 0; attempt < kAttempts; attempt++, from--) {
    while (from > 0 && index_.packet_position[from] < 0) from--;
    if (from <= 0) return false;
    if (!land_on(from)) continue;
    skip_to(key);
    return next_ == key;
  }
  return false;
}

void PacketCursor::note_start() {
  times_lost_ = false;
  next_ = 0;
}

void PacketCursor::restart() {
  next_ = -1;
  demuxer_.reopen();
  note_start();
}

void PacketCursor::move_to(int32_t key) {
  const bool by_time = demuxer_.seeking() == Seeking::kTimestamp;
  const bool joined = by_time && key >= repeated_times_;
  const bool is_ahead = next_ >= 0 && next_ <= key;
  // What a seek would lead to lies behind.
  const bool in_joined = joined && next_ >= repeated_times_;
  const bool only_onwards = demuxer_.seeking() == Seeking::kNone;
  if (is_ahead && (in_joined || only_onwards || key - next_ <= kReadOn)) {
    skip_to(key);
    if (next_ == key) return;
  }
  if (seek_bytes(key) || (!joined && seek_near(key, key))) return;
  // Demuxers remember what they read, and that of a part may make the way to another one impassable: a new one knows
  // nothing. It is led to a place close to the end of the first part, but not to its end, where it would look around.
  if (by_time && repeated_times_ != INT32_MAX) {
    restart();
    if (seek_near(joined ? key_before(key_before(repeated_times_)) : key, key)) return;
  }
  restart();
  skip_to(key);
}

bool PacketCursor::read(AVPacket& packet) {
  if (!demuxer_.read(packet)) return false;
  if (times_lost_) {
    packet.pts = index_.packet_pts[next_];
    packet.dts = index_.packet_dts[next_];
  }
  if (index_.saved) expect(packet, next_);
  next_++;
  return true;
}

void PacketCursor::unread(AVPacket& packet) {
  demuxer_.unread(packet);
  next_--;
}

/// An index that was kept outside may be another file's, or anything.
void PacketCursor::expect(const AVPacket& packet, int32_t ordinal) const {
  const bool parsed = demuxer_.seeking() != Seeking::kTimestamp;
  const int32_t tolerance = parsed ? kZeros + kEndUnit : 0;
  const int64_t position = index_.packet_position[ordinal];
  const int64_t pts = index_.packet_pts[ordinal];
  // Which of two parts a packet begins in that lies in both depends on where reading began.
  const bool elsewhere = !times_lost_ && position >= 0 && packet.pos >= 0 && position != packet.pos;
  const auto differ = [](int64_t a, int64_t b) { return a != AV_NOPTS_VALUE && b != AV_NOPTS_VALUE && a != b; };
  // Which dts goes with a pts depends on where reading began.
  const bool at_other_time =
      !demuxer_.counts_times() &&
      (pts == AV_NOPTS_VALUE && !parsed ? differ(index_.packet_dts[ordinal], packet.dts) : differ(pts, packet.pts));
  const bool of_other_size = std::abs(int64_t{packet.size} - index_.packet_size[ordinal]) > tolerance;
  if (!elsewhere && !at_other_time && !of_other_size) return;
  throw Error("E_INDEX",
              "the saved index does not fit the file: packet " + std::to_string(ordinal) + " is another one there");
}

}  // namespace fp::av
