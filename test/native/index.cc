// IndexView: what is written is read again, and damaged headers are refused.
#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

#include "../../native/av/frame_index.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

using av::FrameIndex;
using av::IndexView;

FrameIndex random_index(Random& random, size_t frames, size_t packets, size_t changes) {
  FrameIndex index;
  const auto time = [&] { return static_cast<int64_t>(random.below(SIZE_MAX)); };
  const auto ordinal = [&] { return static_cast<int32_t>(random.below(1U << 31)); };
  const auto flag = [&] { return random.below(2) == 1; };
  for (size_t i = 0; i < frames; i++) {
    index.frames.push_back({time(), time(), ordinal(), ordinal(), ordinal(), flag()});
  }
  for (size_t i = 0; i < packets; i++) {
    index.packets.push_back({time(), time(), time(), time(), ordinal(), ordinal(), flag(), flag()});
  }
  for (size_t i = 0; i < changes; i++) {
    index.header_changes.push_back({ordinal(), ordinal(), std::vector<uint8_t>(random.below(9))});
    for (uint8_t& byte : index.header_changes.back().bytes) byte = static_cast<uint8_t>(random.below(256));
  }
  index.media_read = flag();
  index.reorder_depth = ordinal();
  index.decoded = flag();
  index.read_error = -ordinal();
  return index;
}

void compare(const FrameIndex& index, const IndexView& view) {
  CHECK_EQUAL(static_cast<size_t>(view.frames), index.frames.size());
  CHECK_EQUAL(static_cast<size_t>(view.packets), index.packets.size());
  CHECK_EQUAL(view.empty(), index.frames.empty());
  CHECK_EQUAL(view.reorder_depth, index.reorder_depth);
  CHECK_EQUAL(view.decoded, index.decoded);
  bool same = true;
  for (size_t i = 0; i < index.frames.size(); i++) {
    const av::IndexedFrame& frame = index.frames[i];
    same = same && view.pts[i] == frame.pts && view.duration[i] == frame.duration && view.packet[i] == frame.packet;
    same = same && view.last_packet[i] == frame.last_packet && view.start[i] == frame.start;
    same = same && (view.key[i] == 1) == frame.key;
  }
  for (size_t i = 0; i < index.packets.size(); i++) {
    const av::IndexedPacket& packet = index.packets[i];
    same = same && view.packet_pts[i] == packet.pts && view.packet_dts[i] == packet.dts;
    same = same && view.packet_position[i] == packet.position && view.packet_frame[i] == packet.frame;
    same = same && view.packet_size[i] == packet.size && (view.packet_key[i] == 1) == packet.key;
  }
  CHECK(same);
  CHECK_EQUAL(view.media_read, index.media_read);
  if (static_cast<size_t>(view.header_changes) != index.header_changes.size()) return CHECK(false);
  int32_t begin = 0;
  for (size_t i = 0; i < index.header_changes.size(); i++) {
    const av::HeaderChange& change = index.header_changes[i];
    CHECK(view.change_packet[i] == change.packet && view.change_extradata[i] == change.extradata);
    CHECK(std::vector<uint8_t>(view.change_bytes + begin, view.change_bytes + view.change_end[i]) == change.bytes);
    begin = view.change_end[i];
  }
}

size_t bytes_of_changes(const FrameIndex& index) {
  size_t bytes = 0;
  for (const av::HeaderChange& change : index.header_changes) bytes += 12 + change.bytes.size();
  return bytes;
}

/// What JavaScript reads beside: the frames' times in seconds, and of the whole whether they ascend, its begin and end.
void compare_seconds(const FrameIndex& index, const uint8_t* memory) {
  const size_t frames = index.frames.size();
  const auto* pts = reinterpret_cast<const double*>(memory + IndexView::kHeaderBytes + 16 * frames);
  double begin = std::numeric_limits<double>::infinity();
  double end = -begin;
  bool ascending = true;
  for (size_t i = 0; i < frames; i++) {
    CHECK_EQUAL(pts[i], static_cast<double>(index.frames[i].pts) / 1000);
    CHECK_EQUAL(pts[frames + i], static_cast<double>(index.frames[i].duration) / 1000);
    begin = std::min(begin, pts[i]);
    end = std::max(end, pts[i] + pts[frames + i]);
    ascending = ascending && (i == 0 || pts[i] > pts[i - 1]);
  }
  CHECK_EQUAL(reinterpret_cast<const int32_t*>(memory)[10], ascending ? 1 : 0);
  CHECK_EQUAL(reinterpret_cast<const double*>(memory)[6], begin);
  CHECK_EQUAL(reinterpret_cast<const double*>(memory)[7], end);
}

void round_trip() {
  Random random(11);
  const size_t counts[][3] = {{0, 0, 0}, {1, 1, 0}, {3, 7, 2}, {1000, 1001, 40}, {0, 5, 1}};
  for (const auto& [frames, packets, changes] : counts) {
    const FrameIndex index = random_index(random, frames, packets, changes);
    const size_t size = IndexView::bytes(index);
    // Numbers of four bytes follow those of one.
    const size_t rows = (IndexView::kHeaderBytes + frames * 45 + packets * 33 + 3) / 4 * 4;
    CHECK_EQUAL(size, rows + bytes_of_changes(index));
    const auto memory = std::make_unique<uint8_t[]>(size);
    IndexView::write(index, {1, 1000}, memory.get());
    compare(index, IndexView(memory.get(), size));
    compare_seconds(index, memory.get());
    // One byte less, or none at all, does not hold it.
    CHECK_ERROR("E_INTERNAL", IndexView(memory.get(), size - 1));
    CHECK_ERROR("E_INTERNAL", IndexView(memory.get(), 0));
  }
  CHECK(IndexView().empty());
}

void damaged_headers() {
  Random random(12);
  const FrameIndex index = random_index(random, 4, 6, 3);
  const size_t size = IndexView::bytes(index);
  const auto memory = std::make_unique<uint8_t[]>(size);
  const auto refused_with = [&](size_t field, int32_t value) {
    IndexView::write(index, {1, 1000}, memory.get());
    std::memcpy(memory.get() + 4 * field, &value, sizeof value);
    CHECK_ERROR("E_INTERNAL", IndexView(memory.get(), size));
  };
  refused_with(0, 0);
  refused_with(0, IndexView::kMagic + 1);
  for (const size_t counter : {size_t{1}, size_t{2}, size_t{6}}) {
    for (const int32_t count : {-1, INT32_MIN, INT32_MAX, 7}) refused_with(counter, count);
  }
}

}  // namespace

void check_index() {
  round_trip();
  damaged_headers();
}

}  // namespace fp::test
