#include "index_builder.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_set>

#include "decoded_order.h"
#include "decoder.h"
#include "error.h"
#include "head_probe.h"
#include "long_term_pictures.h"
#include "mp4_boxes.h"
#include "packet_inspector.h"
#include "picture_list.h"
#include "picture_order.h"
#include "random_access.h"
#include "refresh_probe.h"
#include "stream_headers.h"

namespace fp::av {

namespace {

constexpr int64_t kNone = AV_NOPTS_VALUE;
constexpr size_t kMostHeaderBytes = size_t{1} << 30;

class IndexBuilder {
 public:
  IndexBuilder(ByteSource& source, Demuxer& demuxer, const Limits& limits, LogSink& sink)
      : source_(source),
        demuxer_(demuxer),
        limits_(limits),
        sink_(sink),
        inspector_(*demuxer.stream().codecpar, demuxer.is_mov(), limits),
        probe_(*demuxer.stream().codecpar),
        headers_(*demuxer.stream().codecpar),
        order_(*demuxer.stream().codecpar),
        long_term_(*demuxer.stream().codecpar),
        access_(*demuxer.stream().codecpar),
        refresh_(source, *demuxer.stream().codecpar) {}

  FrameIndex build() {
    bool by_packets = order_by_packets(false);
    if (by_packets && !index_.media_read && (order_is_doubtful() || refresh_.keeps_pictures(packets()))) {
      demuxer_.reopen();
      start_over();
      by_packets = order_by_packets(true);
    }
    if (!by_packets) {
      if (demuxer_.inform()) list_packets();
      decode_everything();
    }
    fill_durations(index_);
    link_packets();
    // What is left out of a run makes its decoder learn less of it than one that sees everything.
    const int stated = index_.decoded ? demuxer_.stream().codecpar->video_delay : 0;
    index_.reorder_depth = std::max(stated, reorder_depth_of(index_));
    return std::move(index_);
  }

 private:
  bool order_by_packets(bool thorough) {
    const OrderRules rules{inspector_.reorders(), inspector_.tells_order()};
    return scan(thorough) && !probe_.hides_reordering() && pictures_.order(packets(), rules, index_.frames) &&
           settle_head();
  }

  /// Each group that a key packet begins comes out as a whole. Where their times overlap, some of those packets may be
  /// marked as key packets without being any.
  bool order_is_doubtful() const {
    if (!inspector_.reorders()) return false;
    const auto steps_back = [](const IndexedFrame& a, const IndexedFrame& b) { return b.pts <= a.pts; };
    return std::adjacent_find(index_.frames.begin(), index_.frames.end(), steps_back) != index_.frames.end();
  }

  std::vector<IndexedPacket>& packets() { return index_.packets; }

  void add_packet(const AVPacket& packet) {
    if (packets().size() >= static_cast<size_t>(limits_.max_index_packets)) {
      throw Error("E_LIMIT", "more than " + std::to_string(limits_.max_index_packets) +
                                 " packets (limits.maxIndexPackets): open it with seekMode \"approximate\"");
    }
    const bool may_be_key = packets().empty() || !only_first_is_key(demuxer_.stream().codecpar->codec_id);
    bool key = (packet.flags & AV_PKT_FLAG_KEY) != 0 && may_be_key;
    RandomAccess access{Access::kOpen, true, false, 0};
    Span bytes = span_of(packet);
    if (!index_.media_read) bytes = refresh_.look(packet, key, refresh_left_ >= 0, access);
    if (index_.media_read && access_.tells()) {
      // Containers' flags are what a muxer believed.
      access = access_.look(bytes);
      key = key && (access.access != Access::kNone || access.intra);
    }
    // Behind headers, decoding begins in front of them.
    headers_within_ = headers_within_ || is_theora_header(demuxer_.stream().codecpar->codec_id, packet);
    key = key && !headers_within_;
    content_ = inspector_.inspect(packet);
    const bool leads = access.leads && !packets().empty();
    const int32_t before = leads ? packets()[static_cast<size_t>(last_start_)].start_before : last_start_;
    packets().push_back({packet.pts, packet.dts, packet.pos, packet.duration, packet.size, -1, key,
                         (packet.flags & AV_PKT_FLAG_DISCARD) != 0, content_.structure != Structure::kFrame,
                         key && access.intra, before});
    const bool changed = note_headers(packet);
    if (index_.media_read) {
      if (changed) long_term_.use(headers_);
      // Whatever it promises.
      if (long_term_.next(bytes)) access.access = Access::kNone;
    }
    if (key) note_start(access);
    if (refresh_left_ >= 0 && access_.is_reference(bytes) && refresh_left_-- == 0) {
      last_start_ = refreshing_;
    }
    if (!index_.media_read) return;
    const PictureOrder::Place place = order_.next(bytes, headers_, changed);
    content_.order = place.order;
    content_.certain = content_.certain && place.certain;
  }

  /// The packet listed last is a key packet.
  void note_start(const RandomAccess& access) {
    const auto ordinal = static_cast<int32_t>(packets().size()) - 1;
    if (access.access == Access::kOpen) {
      last_start_ = ordinal;
      refresh_left_ = -1;
    } else if (access.access == Access::kGradual && refresh_left_ < 0) {
      refreshing_ = ordinal;
      refresh_left_ = access.recovery_frames;
    }
  }

  /// Of media that is not read, only what the container itself brings. True: others are in force now.
  bool note_headers(const AVPacket& packet) {
    // What comes ahead of a picture is short, but for what nobody needs.
    constexpr size_t kMostBytes = size_t{1} << 16;
    const uint8_t* palette = palette_of(packet);
    if (palette != nullptr && headers_.set_palette(palette)) {
      add_change({static_cast<int32_t>(packets().size()) - 1, -1, {palette, palette + AVPALETTE_SIZE}});
    }
    const Span replaced = new_extradata_of(packet);
    const Span begin{packet.data, index_.media_read ? static_cast<size_t>(packet.size) : 0};
    const bool changed = replaced.size > 0 && headers_.replace(replaced);
    if (!headers_.see(begin) && !changed) return false;
    const Span kept{begin.data, std::min({begin.size, headers_.end_of_headers(begin), kMostBytes})};
    HeaderChange change{static_cast<int32_t>(packets().size()) - 1, static_cast<int32_t>(replaced.size), {}};
    change.bytes.assign(replaced.data, replaced.data + replaced.size);
    change.bytes.insert(change.bytes.end(), kept.data, kept.data + kept.size);
    add_change(std::move(change));
    return true;
  }

  void add_change(HeaderChange change) {
    header_bytes_ += change.bytes.size();
    if (header_bytes_ > kMostHeaderBytes) throw Error("E_LIMIT", "the stream's headers change too often");
    index_.header_changes.push_back(std::move(change));
  }

  void start_over() {
    index_ = FrameIndex{};
    pictures_ = PictureList();
    inspector_ = PacketInspector(*demuxer_.stream().codecpar, demuxer_.is_mov(), limits_);
    probe_ = HeadProbe(*demuxer_.stream().codecpar);
    headers_ = StreamHeaders(*demuxer_.stream().codecpar);
    order_ = PictureOrder(*demuxer_.stream().codecpar);
    long_term_ = LongTermPictures(*demuxer_.stream().codecpar);
    header_bytes_ = 0;
    headers_within_ = false;
    last_start_ = 0;
    refresh_left_ = -1;
  }

  /// As the demuxer gives them once it knows the stream better.
  void list_packets() {
    start_over();
    const Packet packet(av_packet_alloc());
    if (!packet) throw Error("E_LIMIT", "out of memory");
    while (demuxer_.read(*packet)) {
      add_packet(*packet);
      av_packet_unref(packet.get());
    }
    note_end();
  }

  void note_end() {
    index_.read_error = demuxer_.read_error();
    index_.seek_points = demuxer_.found_seek_points();
  }

  /// Lists the packets and, where they tell, the pictures. False: they do not tell. `thorough`: by the media itself,
  /// whatever the sample table says.
  bool scan(bool thorough) {
    const bool hollow = !thorough && demuxer_.is_mov();
    const Packet packet(av_packet_alloc());
    if (!packet) throw Error("E_LIMIT", "out of memory");
    bool certain = inspector_.known_codec();
    bool hollowed = false;
    for (;;) {
      if (hollow && !hollowed && !probe_.wants_more() && !probe_.key_flags_lie() && inspector_.knows_enough()) {
        demuxer_.io().set_hollow(media_data_ranges(source_));
        hollowed = true;
        index_.media_read = false;
      }
      if (!demuxer_.read(*packet)) break;
      const auto ordinal = static_cast<int32_t>(packets().size());
      add_packet(*packet);
      if (probe_.wants_more()) probe_.see(*packet);
      if (certain) certain = pictures_.add(content_, ordinal);
      av_packet_unref(packet.get());
    }
    note_end();
    if (hollowed) demuxer_.io().set_hollow({});
    return certain && pictures_.complete();
  }

  /// Pictures that come before the first key picture, in either order, may not be decodable: asks the decoder about
  /// the first GOP. False: it disagrees with the timestamps.
  bool settle_head() {
    if (pictures_.empty() || packets().empty()) return true;
    const bool starts_with_key = packets().front().key;
    const int64_t key_pts = packets().front().pts;
    const int32_t second_key = next_key(starts_with_key ? 1 : 0);
    bool leading = false;
    for (const IndexedFrame& frame : index_.frames) {
      if (frame.packet < second_key && inspector_.reorders() && frame.pts < key_pts) leading = true;
    }
    if (starts_with_key && !leading && probe_.starts_cleanly()) return true;
    const int32_t stop = starts_with_key ? second_key : next_key(second_key + 1);
    const std::vector<DecodedPicture> outputs = decode(stop);
    std::vector<int32_t> shown;
    for (const DecodedPicture& output : outputs) {
      if (output.packet < stop) shown.push_back(output.packet);
    }
    const std::unordered_set<int32_t> decodable(shown.begin(), shown.end());
    std::vector<int32_t> expected;
    std::vector<IndexedFrame> kept;
    for (const IndexedFrame& frame : index_.frames) {
      const bool in_head = frame.packet < stop;
      if (in_head && decodable.count(frame.packet) == 0) continue;
      if (in_head) expected.push_back(frame.packet);
      kept.push_back(frame);
    }
    index_.frames = std::move(kept);
    return expected == shown;
  }

  int32_t next_key(int32_t from) {
    const auto count = static_cast<int32_t>(packets().size());
    for (int32_t i = from; i < count; i++) {
      if (packets()[static_cast<size_t>(i)].key) return i;
    }
    return count;
  }

  /// Decodes from the start until a picture of the packet `stop` or a later one comes out.
  std::vector<DecodedPicture> decode(int32_t stop) {
    demuxer_.reopen();
    const int threads = stop == INT32_MAX ? index_threads() : 1;
    return decode_in_order(demuxer_, packets(), stop, {threads, index_.reorder_depth}, limits_, sink_);
  }

  void decode_everything() {
    index_.decoded = true;
    index_.frames.clear();
    int64_t last_pts = kNone;
    const AVRational rate =
        demuxer_.stream().avg_frame_rate.num > 0 ? demuxer_.stream().avg_frame_rate : demuxer_.stream().r_frame_rate;
    const int64_t frame_time =
        rate.num > 0 ? std::max<int64_t>(1, av_rescale_q(1, av_inv_q(rate), demuxer_.stream().time_base)) : 1;
    for (const DecodedPicture& output : decode(INT32_MAX)) {
      const IndexedPacket& packet = packets()[static_cast<size_t>(output.packet)];
      int64_t pts = output.pts;
      if (pts == kNone) {
        const int64_t step = packet.duration > 0 ? packet.duration : frame_time;
        pts = last_pts == kNone ? 0 : last_pts + step;
      }
      last_pts = pts;
      index_.frames.push_back({pts, packet.duration, output.packet, output.packet, 0, packet.key});
    }
    set_last_packets();
  }

  /// What a picture needs reaches at most to the packet before the next picture's.
  void set_last_packets() {
    std::vector<size_t> order(index_.frames.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return index_.frames[a].packet < index_.frames[b].packet; });
    for (size_t i = 0; i < order.size(); i++) {
      const int32_t next =
          i + 1 < order.size() ? index_.frames[order[i + 1]].packet : static_cast<int32_t>(packets().size());
      IndexedFrame& frame = index_.frames[order[i]];
      frame.last_packet = std::max(frame.packet, next - 1);
    }
  }

  /// Where decoding each frame begins: the last key packet that precedes it in both orders.
  void link_packets() {
    auto& frames = index_.frames;
    give_packets(index_, packs_pictures(demuxer_.stream().codecpar->codec_id));
    for (size_t i = 0; i < frames.size(); i++) {
      IndexedFrame& frame = frames[i];
      const IndexedPacket& packet = packets()[static_cast<size_t>(frame.packet)];
      int32_t start = packet.stands ? frame.packet : packet.start_before;
      if (leads(frame, static_cast<int32_t>(i), start)) start = packets()[static_cast<size_t>(start)].start_before;
      frame.start = start;
    }
    // The second field of a pair belongs to its frame too; told only once every first packet is known.
    for (size_t i = 0; i < frames.size(); i++) {
      if (index_.decoded) break;
      packets()[static_cast<size_t>(frames[i].last_packet)].frame = static_cast<int32_t>(i);
    }
  }

  /// Does the frame come out before the picture of the key packet that precedes it?
  bool leads(const IndexedFrame& frame, int32_t place, int32_t key) {
    if (!inspector_.reorders() && !index_.decoded) return false;
    const IndexedPacket& packet = packets()[static_cast<size_t>(key)];
    if (packet.frame >= 0) return packet.frame > place;
    return packet.pts != kNone && packet.pts > frame.pts;
  }

  /// Whoever waits for an index waits for nothing else. Where pictures come out in another order than their packets,
  /// threads would change which packet's time goes with which; what they do to the pixels does not matter here.
  int index_threads() const {
    constexpr unsigned kMost = 16;
    const AVCodecID codec = demuxer_.stream().codecpar->codec_id;
    const bool in_order = (codec == AV_CODEC_ID_THEORA && !headers_within_) || codec == AV_CODEC_ID_VP3;
    return in_order ? static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, kMost)) : 1;
  }

  ByteSource& source_;
  Demuxer& demuxer_;
  const Limits& limits_;
  LogSink& sink_;
  PacketInspector inspector_;
  HeadProbe probe_;
  StreamHeaders headers_;
  PictureOrder order_;
  LongTermPictures long_term_;
  RandomAccessReader access_;
  RefreshProbe refresh_;
  int32_t last_start_ = 0;     // decoding can begin there for what comes next
  int32_t refreshing_ = 0;     // the key packet from which on pictures are patched together
  int32_t refresh_left_ = -1;  // reference pictures until they are exact, -1: none is
  size_t header_bytes_ = 0;
  bool headers_within_ = false;  // Theora's, behind the first pictures
  PacketContent content_;        // of the packet listed last
  FrameIndex index_;
  PictureList pictures_;
};

}  // namespace

FrameIndex build_index(ByteSource& source, Demuxer& demuxer, const Limits& limits, LogSink& sink) {
  return IndexBuilder(source, demuxer, limits, sink).build();
}

}  // namespace fp::av
