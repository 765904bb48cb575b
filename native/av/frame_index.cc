#include "frame_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "error.h"

namespace fp::av {

namespace {

constexpr const char* kNoIndex = "the frame index handed over is not one";

/// Of the whole stream's begin and end, behind the header's numbers.
constexpr size_t kBegin = IndexView::kHeaderBytes - 2 * sizeof(double);

struct Layout {
  size_t frames;
  size_t packets;
  size_t changes;
  size_t points;
  size_t pts() const { return IndexView::kHeaderBytes; }
  size_t duration() const { return pts() + 8 * frames; }
  size_t pts_seconds() const { return duration() + 8 * frames; }
  size_t duration_seconds() const { return pts_seconds() + 8 * frames; }
  size_t packet_pts() const { return duration_seconds() + 8 * frames; }
  size_t packet_dts() const { return packet_pts() + 8 * packets; }
  size_t packet_position() const { return packet_dts() + 8 * packets; }
  size_t seek_time() const { return packet_position() + 8 * packets; }
  size_t seek_position() const { return seek_time() + 8 * points; }
  size_t packet() const { return seek_position() + 8 * points; }
  size_t last_packet() const { return packet() + 4 * frames; }
  size_t start() const { return last_packet() + 4 * frames; }
  size_t packet_frame() const { return start() + 4 * frames; }
  size_t packet_size() const { return packet_frame() + 4 * packets; }
  size_t key() const { return packet_size() + 4 * packets; }
  size_t packet_key() const { return key() + frames; }
  size_t change_packet() const { return (packet_key() + packets + 3) / 4 * 4; }
  size_t change_extradata() const { return change_packet() + 4 * changes; }
  size_t change_end() const { return change_extradata() + 4 * changes; }
  size_t change_bytes() const { return change_end() + 4 * changes; }
};

template <typename T>
const T* at(const uint8_t* data, size_t offset) {
  return reinterpret_cast<const T*>(data + offset);
}

template <typename T>
T* at(uint8_t* data, size_t offset) {
  return reinterpret_cast<T*>(data + offset);
}

Layout layout_of(const FrameIndex& index) {
  return {index.frames.size(), index.packets.size(), index.header_changes.size(), index.seek_points.size()};
}

/// What is shown of the whole stream, as `summary()` in src/protocol/frame-index.ts tells it.
struct Summary {
  double begin = std::numeric_limits<double>::infinity();
  double end = -std::numeric_limits<double>::infinity();
  bool monotonic = true;
};

Summary write_seconds(const FrameIndex& index, AVRational base, double* pts, double* durations) {
  const auto seconds = [&](int64_t ticks) { return static_cast<double>(ticks) * base.num / base.den; };
  Summary summary;
  for (size_t i = 0; i < index.frames.size(); i++) {
    pts[i] = seconds(index.frames[i].pts);
    durations[i] = seconds(index.frames[i].duration);
    summary.begin = std::min(summary.begin, pts[i]);
    summary.end = std::max(summary.end, pts[i] + durations[i]);
    if (i > 0 && pts[i] <= pts[i - 1]) summary.monotonic = false;
  }
  return summary;
}

}  // namespace

void give_packets(FrameIndex& index, bool packed) {
  for (size_t i = 0; i < index.frames.size(); i++) {
    int32_t& frame = index.packets[static_cast<size_t>(index.frames[i].packet)].frame;
    if (frame < 0 || !packed) frame = static_cast<int32_t>(i);
  }
}

size_t IndexView::bytes(const FrameIndex& index) {
  size_t changes = 0;
  for (const HeaderChange& change : index.header_changes) changes += change.bytes.size();
  return layout_of(index).change_bytes() + changes;
}

void IndexView::write(const FrameIndex& index, AVRational time_base, uint8_t* target) {
  const Layout layout = layout_of(index);
  auto* header = at<int32_t>(target, 0);
  header[0] = kMagic;
  header[1] = static_cast<int32_t>(index.frames.size());
  header[2] = static_cast<int32_t>(index.packets.size());
  header[3] = index.reorder_depth;
  header[4] = index.decoded ? 1 : 0;
  header[5] = index.read_error;
  header[6] = static_cast<int32_t>(index.header_changes.size());
  header[7] = index.media_read ? 1 : 0;
  header[8] = static_cast<int32_t>(index.seek_points.size());
  header[9] = index.saved ? 1 : 0;
  const Summary summary = write_seconds(index, time_base, at<double>(target, layout.pts_seconds()),
                                        at<double>(target, layout.duration_seconds()));
  header[10] = summary.monotonic ? 1 : 0;
  at<double>(target, kBegin)[0] = summary.begin;
  at<double>(target, kBegin)[1] = summary.end;
  for (size_t i = 0; i < index.seek_points.size(); i++) {
    at<int64_t>(target, layout.seek_time())[i] = index.seek_points[i].time;
    at<int64_t>(target, layout.seek_position())[i] = index.seek_points[i].position;
  }
  for (size_t i = 0; i < index.frames.size(); i++) {
    const IndexedFrame& frame = index.frames[i];
    at<int64_t>(target, layout.pts())[i] = frame.pts;
    at<int64_t>(target, layout.duration())[i] = frame.duration;
    at<int32_t>(target, layout.packet())[i] = frame.packet;
    at<int32_t>(target, layout.last_packet())[i] = frame.last_packet;
    at<int32_t>(target, layout.start())[i] = frame.start;
    at<uint8_t>(target, layout.key())[i] = frame.key ? 1 : 0;
  }
  for (size_t i = 0; i < index.packets.size(); i++) {
    const IndexedPacket& packet = index.packets[i];
    at<int64_t>(target, layout.packet_pts())[i] = packet.pts;
    at<int64_t>(target, layout.packet_dts())[i] = packet.dts;
    at<int64_t>(target, layout.packet_position())[i] = packet.position;
    at<int32_t>(target, layout.packet_frame())[i] = packet.frame;
    at<int32_t>(target, layout.packet_size())[i] = packet.size;
    at<uint8_t>(target, layout.packet_key())[i] = packet.key ? 1 : 0;
  }
  int32_t end = 0;
  for (size_t i = 0; i < index.header_changes.size(); i++) {
    const HeaderChange& change = index.header_changes[i];
    std::copy(change.bytes.begin(), change.bytes.end(), target + layout.change_bytes() + end);
    end += static_cast<int32_t>(change.bytes.size());
    at<int32_t>(target, layout.change_packet())[i] = change.packet;
    at<int32_t>(target, layout.change_extradata())[i] = change.extradata;
    at<int32_t>(target, layout.change_end())[i] = end;
  }
}

IndexView::IndexView(const uint8_t* data, size_t size) {
  const auto* header = at<int32_t>(data, 0);
  if (size < kHeaderBytes || header[0] != kMagic || header[1] < 0 || header[2] < 0 || header[6] < 0 || header[8] < 0) {
    throw Error("E_INTERNAL", kNoIndex);
  }
  const Layout layout{static_cast<size_t>(header[1]), static_cast<size_t>(header[2]), static_cast<size_t>(header[6]),
                      static_cast<size_t>(header[8])};
  if (layout.change_bytes() > size) {
    throw Error("E_INTERNAL", kNoIndex);
  }
  frames = header[1];
  packets = header[2];
  reorder_depth = header[3];
  decoded = header[4] != 0;
  header_changes = header[6];
  media_read = header[7] != 0;
  seek_points = header[8];
  saved = header[9] != 0;
  read_error = header[5];
  pts = at<int64_t>(data, layout.pts());
  duration = at<int64_t>(data, layout.duration());
  packet_pts = at<int64_t>(data, layout.packet_pts());
  packet_dts = at<int64_t>(data, layout.packet_dts());
  packet_position = at<int64_t>(data, layout.packet_position());
  seek_time = at<int64_t>(data, layout.seek_time());
  seek_position = at<int64_t>(data, layout.seek_position());
  packet = at<int32_t>(data, layout.packet());
  last_packet = at<int32_t>(data, layout.last_packet());
  start = at<int32_t>(data, layout.start());
  packet_frame = at<int32_t>(data, layout.packet_frame());
  packet_size = at<int32_t>(data, layout.packet_size());
  key = at<uint8_t>(data, layout.key());
  packet_key = at<uint8_t>(data, layout.packet_key());
  change_packet = at<int32_t>(data, layout.change_packet());
  change_extradata = at<int32_t>(data, layout.change_extradata());
  change_end = at<int32_t>(data, layout.change_end());
  change_bytes = at<uint8_t>(data, layout.change_bytes());
  int32_t end = 0;
  for (int32_t i = 0; i < header_changes; i++) {
    const int32_t begin = std::exchange(end, change_end[i]);
    if (end < begin || static_cast<size_t>(end) > size - layout.change_bytes()) throw Error("E_INTERNAL", kNoIndex);
  }
}

}  // namespace fp::av
