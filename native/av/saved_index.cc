#include "saved_index.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "packed_numbers.h"
#include "random_access.h"

namespace fp::av {

namespace {

/// Of what is written here, and of what the numbers mean: an index made otherwise is made anew.
constexpr int64_t kVersion = 1;
constexpr int64_t kNone = AV_NOPTS_VALUE;
/// Times beyond this are nobody's; sums of a few of them fit.
constexpr int64_t kMostTime = int64_t{1} << 60;
constexpr int kMostReordered = 64;
/// Frames of one packet: a superframe of VP9 has no more.
constexpr uint64_t kMostPacked = 8;

uint64_t magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

/// What all times of a stream are multiples of, from `base` on: most count in frames.
struct TimeGrid {
  int64_t base = 0;
  int64_t unit = 1;
  int64_t to(int64_t time) const { return difference(time, base) / unit; }
  int64_t from(int64_t place) const { return sum(product(place, unit), base); }
};

TimeGrid grid_of(const IndexView& index) {
  TimeGrid grid;
  uint64_t unit = 0;
  bool any = false;
  const auto see = [&](const int64_t* times, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
      if (times[i] == kNone) continue;
      if (!any) grid.base = times[i];
      any = true;
      unit = std::gcd(unit, magnitude(difference(times[i], grid.base)));
    }
  };
  see(index.packet_dts, index.packets);
  see(index.packet_pts, index.packets);
  see(index.pts, index.frames);
  if (unit > 1 && unit <= static_cast<uint64_t>(kMostTime)) grid.unit = static_cast<int64_t>(unit);
  return grid;
}

/// Which of its times a packet has: 0 both, 1 no pts, 2 no dts, 3 neither.
int64_t missing_times(int64_t pts, int64_t dts) { return (pts == kNone ? 1 : 0) + (dts == kNone ? 2 : 0); }

void write_text(NumberWriter& to, const std::string& text) {
  to.plain(text.size());
  to.raw(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

/// What decides of an index beside the bytes of the file, and what it means that it is another.
template <typename Visit>
void visit_facts(const StreamInfo& info, Visit visit) {
  visit(kFormatVersion, "it was made with another version of FFmpeg");
  visit(info.stream_index, "it is another stream's");
  visit(info.time_base.num, "it is another stream's");
  visit(info.time_base.den, "it is another stream's");
}

/// Times one after the other: each as far from the last as that one was from its own.
class Steps {
 public:
  int64_t forward(int64_t value) {
    const int64_t step = difference(value, last_);
    const int64_t change = difference(step, step_);
    last_ = value;
    step_ = step;
    return change;
  }
  int64_t back(int64_t change) {
    step_ = sum(step_, change);
    last_ = sum(last_, step_);
    return last_;
  }

 private:
  int64_t last_ = 0;
  int64_t step_ = 0;
};

void write_packets(NumberWriter& to, const IndexView& index, const TimeGrid& grid) {
  for (int32_t i = 0; i < index.packets; i++) to.plain(static_cast<uint64_t>(index.packet_size[i]));
  int64_t end = 0;
  for (int32_t i = 0; i < index.packets; i++) {
    const int64_t position = index.packet_position[i];
    to.next(difference(position, end));
    end = sum(position, index.packet_size[i]);
  }
  to.end_column();
  for (int32_t i = 0; i < index.packets; i++) to.next(missing_times(index.packet_pts[i], index.packet_dts[i]));
  to.end_column();
  Steps dts;
  for (int32_t i = 0; i < index.packets; i++) {
    if (index.packet_dts[i] != kNone) to.next(dts.forward(grid.to(index.packet_dts[i])));
  }
  to.end_column();
  Steps pts;
  for (int32_t i = 0; i < index.packets; i++) {
    if (index.packet_pts[i] == kNone) continue;
    const int64_t time = grid.to(index.packet_pts[i]);
    to.next(index.packet_dts[i] != kNone ? difference(time, grid.to(index.packet_dts[i])) : pts.forward(time));
  }
  to.end_column();
  for (int32_t i = 0; i < index.packets; i++) to.next(index.packet_key[i]);
  to.end_column();
}

void read_packets(NumberReader& from, FrameIndex& index, const TimeGrid& grid, int64_t file_size) {
  for (IndexedPacket& packet : index.packets) {
    const uint64_t size = from.plain();
    if (size == 0 || size > INT32_MAX) NumberReader::refuse();
    packet.size = static_cast<int32_t>(size);
  }
  int64_t end = 0;
  for (IndexedPacket& packet : index.packets) {
    // Of what ends a stream of VC-2, FFmpeg says that it is behind the last byte.
    packet.position = NumberReader::checked(sum(end, from.next()), -1, file_size);
    end = packet.position + packet.size;
  }
  from.end_column();
  for (IndexedPacket& packet : index.packets) {
    const int64_t missing = NumberReader::checked(from.next(), 0, 3);
    packet.pts = (missing & 1) != 0 ? kNone : 0;
    packet.dts = (missing & 2) != 0 ? kNone : 0;
  }
  from.end_column();
  Steps dts;
  for (IndexedPacket& packet : index.packets) {
    if (packet.dts == kNone) continue;
    packet.dts = NumberReader::checked(grid.from(dts.back(from.next())), -kMostTime, kMostTime);
  }
  from.end_column();
  Steps pts;
  for (IndexedPacket& packet : index.packets) {
    if (packet.pts == kNone) continue;
    const int64_t place = packet.dts != kNone ? sum(grid.to(packet.dts), from.next()) : pts.back(from.next());
    packet.pts = NumberReader::checked(grid.from(place), -kMostTime, kMostTime);
  }
  from.end_column();
  for (IndexedPacket& packet : index.packets) packet.key = NumberReader::checked(from.next(), 0, 1) != 0;
  from.end_column();
}

/// What a frame's time is, unless decoding told it.
int64_t time_of(int64_t pts, int64_t dts) { return pts != kNone ? pts : dts; }

void write_frames(NumberWriter& to, const IndexView& index, const TimeGrid& grid) {
  const auto column = [&](auto value) {
    for (int32_t i = 0; i < index.frames; i++) to.next(value(i));
    to.end_column();
  };
  column([&](int32_t i) { return i == 0 ? index.packet[0] : index.packet[i] - int64_t{index.packet[i - 1]} - 1; });
  column([&](int32_t i) { return int64_t{index.last_packet[i]} - index.packet[i]; });
  column([&](int32_t i) { return i == 0 ? index.start[0] : int64_t{index.start[i]} - index.start[i - 1]; });
  Steps steps;
  if (index.decoded) column([&](int32_t i) { return steps.forward(grid.to(index.pts[i])); });
  column([&](int32_t i) { return difference(index.duration[i], i == 0 ? 0 : index.duration[i - 1]); });
  column([&](int32_t i) { return index.key[i] - int64_t{index.packet_key[index.packet[i]]}; });
}

void read_frames(NumberReader& from, FrameIndex& index, const TimeGrid& grid) {
  auto& frames = index.frames;
  auto& packets = index.packets;
  const auto last = static_cast<int64_t>(packets.size()) - 1;
  const auto packet_at = [&](int32_t ordinal) -> IndexedPacket& { return packets[static_cast<size_t>(ordinal)]; };
  int64_t before = -1;
  for (IndexedFrame& frame : frames) {
    before = NumberReader::checked(sum(before + 1, from.next()), 0, last);
    frame.packet = static_cast<int32_t>(before);
  }
  from.end_column();
  for (IndexedFrame& frame : frames) {
    frame.last_packet = static_cast<int32_t>(NumberReader::checked(sum(frame.packet, from.next()), frame.packet, last));
  }
  from.end_column();
  before = 0;
  for (IndexedFrame& frame : frames) {
    before = NumberReader::checked(sum(before, from.next()), 0, frame.packet);
    if (before != 0 && !packet_at(static_cast<int32_t>(before)).key) NumberReader::refuse();
    frame.start = static_cast<int32_t>(before);
  }
  from.end_column();
  Steps steps;
  for (IndexedFrame& frame : frames) {
    const IndexedPacket& packet = packet_at(frame.packet);
    frame.pts = index.decoded ? grid.from(steps.back(from.next())) : time_of(packet.pts, packet.dts);
    NumberReader::checked(frame.pts, -kMostTime, kMostTime);
  }
  from.end_column();
  before = 0;
  for (IndexedFrame& frame : frames) {
    before = NumberReader::checked(sum(before, from.next()), 0, kMostTime);
    frame.duration = before;
  }
  from.end_column();
  for (IndexedFrame& frame : frames) {
    frame.key = NumberReader::checked(sum(packet_at(frame.packet).key ? 1 : 0, from.next()), 0, 1) != 0;
  }
  from.end_column();
}

/// Where decoding told the times of frames, they are still those of packets, which the file is held against when these
/// are read. A picture has its own packet's, unless those are missing or turned out not to ascend. What comes out when
/// all has been sent may be counted on from there.
void check_decoded_times(const FrameIndex& index) {
  std::unordered_set<int64_t> times;
  int64_t latest = INT64_MIN;
  bool all_timed = true;
  for (const IndexedPacket& packet : index.packets) {
    all_timed = all_timed && time_of(packet.pts, packet.dts) != kNone;
    for (const int64_t time : {packet.pts, packet.dts}) {
      if (time == kNone) continue;
      times.insert(time);
      latest = std::max(latest, time);
    }
  }
  bool ascending = true;
  int64_t last = INT64_MIN;
  for (const IndexedFrame& frame : index.frames) {
    const int64_t own = index.packets[static_cast<size_t>(frame.packet)].pts;
    ascending = ascending && own != kNone && own > last;
    last = own;
    const bool is_known = !all_timed || frame.pts > latest || times.count(frame.pts) != 0;
    if (ascending ? frame.pts != own : !is_known) NumberReader::refuse();
  }
}

/// Each packet belongs to one frame at most: the one that it begins, or, where it has the second field, ends. Only
/// where decoding told, it may begin several.
void link_packets(FrameIndex& index, const std::string& codec) {
  const AVCodecDescriptor* known = avcodec_descriptor_get_by_name(codec.c_str());
  give_packets(index, known != nullptr && packs_pictures(known->id));
  if (index.decoded) return;
  const auto& frames = index.frames;
  const auto owner = [&](int32_t packet) -> int32_t& { return index.packets[static_cast<size_t>(packet)].frame; };
  for (size_t i = 0; i < frames.size(); i++) {
    if (owner(frames[i].packet) != static_cast<int32_t>(i)) NumberReader::refuse();
  }
  for (size_t i = 0; i < frames.size(); i++) {
    int32_t& last = owner(frames[i].last_packet);
    if (last >= 0 && last != static_cast<int32_t>(i)) NumberReader::refuse();
    last = static_cast<int32_t>(i);
  }
}

void write_changes(NumberWriter& to, const IndexView& index) {
  to.plain(static_cast<uint64_t>(index.header_changes));
  int32_t packet = 0;
  int32_t begin = 0;
  for (int32_t i = 0; i < index.header_changes; i++) {
    const int32_t end = index.change_end[i];
    to.number(index.change_packet[i] - packet);
    to.number(index.change_extradata[i]);
    to.plain(static_cast<uint64_t>(end - begin));
    to.raw(index.change_bytes + begin, static_cast<size_t>(end - begin));
    packet = index.change_packet[i];
    begin = end;
  }
}

void read_changes(NumberReader& from, FrameIndex& index) {
  const uint64_t count = from.plain();
  int64_t packet = 0;
  for (uint64_t i = 0; i < count; i++) {
    HeaderChange change{};
    const int64_t step = from.within(0, static_cast<int64_t>(index.packets.size()));
    packet = NumberReader::checked(packet + step, 0, static_cast<int64_t>(index.packets.size()) - 1);
    change.packet = static_cast<int32_t>(packet);
    change.extradata = static_cast<int32_t>(from.within(-1, INT32_MAX));
    const Span bytes = from.raw(static_cast<size_t>(from.plain()));
    const bool is_palette = change.extradata < 0;
    if (is_palette ? bytes.size != AVPALETTE_SIZE : bytes.size < static_cast<size_t>(change.extradata)) {
      NumberReader::refuse();
    }
    change.bytes.assign(bytes.data, bytes.data + bytes.size);
    index.header_changes.push_back(std::move(change));
  }
}

void write_seek_points(NumberWriter& to, const IndexView& index) {
  to.plain(static_cast<uint64_t>(index.seek_points));
  Steps times;
  int64_t position = 0;
  for (int32_t i = 0; i < index.seek_points; i++) {
    to.number(times.forward(index.seek_time[i]));
    to.number(difference(index.seek_position[i], position));
    position = index.seek_position[i];
  }
}

void read_seek_points(NumberReader& from, FrameIndex& index, int64_t file_size) {
  const uint64_t count = from.plain();
  Steps times;
  SeekPoint point{-kMostTime - 1, 0};
  for (uint64_t i = 0; i < count; i++) {
    point.time = NumberReader::checked(times.back(from.number()), point.time + 1, kMostTime);
    point.position = NumberReader::checked(sum(point.position, from.number()), 0, file_size - 1);
    index.seek_points.push_back(point);
  }
}

}  // namespace

std::vector<uint8_t> save_index(const IndexView& index, const StreamInfo& info) {
  NumberWriter to;
  to.plain(kVersion);
  visit_facts(info, [&](int fact, const char*) { to.number(fact); });
  write_text(to, info.codec);
  to.plain(static_cast<uint64_t>(index.packets));
  to.plain(static_cast<uint64_t>(index.frames));
  to.plain((index.decoded ? uint64_t{1} : 0) + (index.media_read ? uint64_t{2} : 0));
  to.plain(static_cast<uint64_t>(index.reorder_depth));
  to.number(index.read_error);
  const TimeGrid grid = grid_of(index);
  to.number(grid.base);
  to.number(grid.unit);
  write_packets(to, index, grid);
  write_frames(to, index, grid);
  write_changes(to, index);
  write_seek_points(to, index);
  return to.take();
}

FrameIndex restore_index(Span bytes, const StreamInfo& info, int64_t file_size, const Limits& limits) {
  NumberReader from(bytes);
  if (from.plain() != kVersion) throw Error("E_INDEX", "the saved index is of another version of framepool");
  visit_facts(info, [&](int fact, const char* other) {
    if (from.number() != fact) throw Error("E_INDEX", std::string("the saved index does not fit: ") + other);
  });
  const Span codec = from.raw(static_cast<size_t>(from.plain()));
  if (std::string(codec.data, codec.data + codec.size) != info.codec) {
    throw Error("E_INDEX", "the saved index does not fit: it is of another codec");
  }
  FrameIndex index;
  index.saved = true;
  const uint64_t packets = from.plain();
  const uint64_t frames = from.plain();
  // Each packet has a size of its own, of a byte at least.
  if (packets > from.left()) NumberReader::refuse();
  if (packets > static_cast<uint64_t>(limits.max_index_packets)) {
    throw Error("E_LIMIT", "the saved index has more than " + std::to_string(limits.max_index_packets) +
                               " packets (limits.maxIndexPackets)");
  }
  const uint64_t flags = from.plain();
  if (flags > 3) NumberReader::refuse();
  index.decoded = (flags & 1) != 0;
  index.media_read = (flags & 2) != 0;
  const uint64_t most_frames = index.decoded ? kMostPacked * packets : packets;
  if (frames == 0 || frames > most_frames) NumberReader::refuse();
  const uint64_t depth = from.plain();
  if (depth > kMostReordered) NumberReader::refuse();
  index.reorder_depth = static_cast<int32_t>(depth);
  index.read_error = static_cast<int>(from.within(INT32_MIN, 0));
  const TimeGrid grid{from.within(-kMostTime, kMostTime), from.within(1, kMostTime)};
  index.packets.resize(static_cast<size_t>(packets));
  for (IndexedPacket& packet : index.packets) packet.frame = -1;
  index.frames.resize(static_cast<size_t>(frames));
  read_packets(from, index, grid, file_size);
  read_frames(from, index, grid);
  if (index.decoded) check_decoded_times(index);
  link_packets(index, info.codec);
  read_changes(from, index);
  read_seek_points(from, index, file_size);
  if (from.left() != 0) NumberReader::refuse();
  return index;
}

}  // namespace fp::av
