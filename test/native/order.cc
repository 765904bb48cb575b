// PictureList and HeadProbe: which pictures packets tell of, in which order they come out, and when to doubt it.
#include <algorithm>
#include <vector>

#include "../../native/av/error.h"
#include "../../native/av/head_probe.h"
#include "../../native/av/picture_list.h"
#include "check.h"

namespace fp::test {

namespace {

using av::HeadProbe;
using av::IndexedFrame;
using av::IndexedPacket;
using av::OrderRules;
using av::PacketContent;
using av::PictureList;
using av::Structure;

constexpr int64_t kNone = AV_NOPTS_VALUE;
constexpr OrderRules kByTime = {true, false};
constexpr OrderRules kByType = {true, true};
constexpr OrderRules kAsTheyCome = {false, false};

struct Sample {
  int64_t pts;
  int64_t dts;
  bool key = false;
  bool between = false;
  bool discard = false;
};

struct Outcome {
  bool told;
  std::vector<int32_t> order;  // packet of each frame
};

Outcome order_of(const std::vector<Sample>& samples, const OrderRules& rules) {
  PictureList pictures;
  std::vector<IndexedPacket> packets;
  for (const Sample& sample : samples) {
    PacketContent content;
    content.between = sample.between;
    CHECK(pictures.add(content, static_cast<int32_t>(packets.size())));
    packets.push_back({sample.pts, sample.dts, -1, 1, 1, -1, sample.key, sample.discard});
  }
  std::vector<IndexedFrame> frames;
  Outcome outcome{pictures.order(packets, rules, frames), {}};
  for (const IndexedFrame& frame : frames) outcome.order.push_back(frame.packet);
  return outcome;
}

void comes_out_as(const std::vector<Sample>& samples, const OrderRules& rules, const std::vector<int32_t>& expected) {
  const Outcome outcome = order_of(samples, rules);
  CHECK(outcome.told);
  CHECK(outcome.order == expected);
}

void orders() {
  const std::vector<Sample> reordered = {{0, -2, true}, {4, 0}, {2, 2}, {6, 4, true}, {5, 5}, {8, 6}};
  comes_out_as(reordered, kByTime, {0, 2, 1, 4, 3, 5});
  // Each group by itself, though the times of the second begin anew.
  comes_out_as({{10, 9, true}, {12, 10}, {11, 11}, {0, -1, true}, {2, 0}, {1, 1}}, kByTime, {0, 2, 1, 3, 5, 4});
  comes_out_as({{0, 0, true}, {kNone, 1}, {kNone, 2}}, kAsTheyCome, {0, 1, 2});
  comes_out_as({{0, 0, true, false, true}, {1, 1}, {2, 2}}, kByTime, {1, 2});
  comes_out_as({}, kByTime, {});
}

void doubts() {
  CHECK(!order_of({{0, 0, true}, {kNone, 1}}, kByTime).told);
  CHECK(!order_of({{0, 0, true}, {1, 1}, {1, 2}}, kByTime).told);
  // Decoding times jump inside a group.
  CHECK(!order_of({{0, 0, true}, {2, 2}, {1, -5}}, kByTime).told);
  // Presentation times step back where decoding times do not.
  CHECK(!order_of({{5, 0, true}, {6, 1}, {1, 2, true}, {2, 3}}, kByTime).told);
}

void types() {
  comes_out_as({{0, 0, true}, {3, 1}, {1, 2, false, true}, {2, 3, false, true}}, kByType, {0, 2, 3, 1});
  // A B-picture comes out before the reference picture that precedes it, whatever its time.
  CHECK(!order_of({{0, 0, true}, {1, 1}, {2, 2, false, true}}, kByType).told);
  CHECK(!order_of({{0, 0, true}, {3, 1}, {1, 2}, {2, 3, false, true}}, kByType).told);
}

void fields() {
  const auto field = [](Structure structure) {
    PacketContent content;
    content.structure = structure;
    return content;
  };
  const PacketContent top = field(Structure::kTopField);
  const PacketContent bottom = field(Structure::kBottomField);
  PictureList pairs;
  CHECK(pairs.add(top, 0) && !pairs.complete() && pairs.add(bottom, 1) && pairs.complete());
  CHECK(pairs.add(bottom, 2) && pairs.add(top, 3) && pairs.add(PacketContent{}, 4));
  std::vector<IndexedPacket> packets;
  for (int64_t i = 0; i < 5; i++) packets.push_back({i, i, -1, 1, 1, -1, i == 0, false});
  std::vector<IndexedFrame> frames;
  CHECK(pairs.order(packets, kByTime, frames));
  CHECK_EQUAL(frames.size(), 3U);
  CHECK(frames[1].packet == 2 && frames[1].last_packet == 3);

  PictureList same;
  CHECK(same.add(top, 0) && !same.add(top, 1));
  PictureList lost;
  CHECK(lost.add(top, 0) && !lost.add(PacketContent{}, 1));
  PictureList hidden;
  PacketContent unseen;
  unseen.shown = false;
  CHECK(hidden.add(unseen, 0) && hidden.empty());
  PacketContent unsure;
  unsure.certain = false;
  CHECK(!hidden.add(unsure, 1));
}

/// A packet with nothing but an MPEG picture header in it: 1 is I, 2 P, 3 B.
void see(HeadProbe& probe, uint8_t type, int64_t pts) {
  const av::Packet packet(av_packet_alloc());
  const uint8_t header[] = {0, 0, 1, 0, 0, static_cast<uint8_t>(type << 3), 0xff, 0xf8, 0, 0, 1, 1, 0x22, 0x22};
  av::check(packet ? av_new_packet(packet.get(), sizeof header) : AVERROR(ENOMEM), "E_LIMIT", "make a packet");
  std::copy(std::begin(header), std::end(header), packet->data);
  packet->pts = packet->dts = pts;
  probe.see(*packet);
}

struct Seen {
  bool clean;
  bool hides;
};

Seen probed(const std::vector<std::pair<uint8_t, int64_t>>& pictures) {
  AVCodecParameters* parameters = avcodec_parameters_alloc();
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = AV_CODEC_ID_MPEG2VIDEO;
  HeadProbe probe(*parameters);
  avcodec_parameters_free(&parameters);
  for (const auto& [type, pts] : pictures) {
    if (probe.wants_more()) see(probe, type, pts);
  }
  return {probe.starts_cleanly(), probe.hides_reordering()};
}

void heads() {
  const Seen plain = probed({{1, 0}, {2, 1}, {2, 2}});
  CHECK(plain.clean && !plain.hides);
  const Seen reordered = probed({{1, 0}, {2, 3}, {3, 1}, {3, 2}});
  CHECK(reordered.clean && !reordered.hides);
  const Seen leading = probed({{1, 2}, {3, 0}, {3, 1}});
  CHECK(!leading.clean && !leading.hides);
  const Seen rising = probed({{1, 0}, {2, 1}, {3, 2}, {3, 3}});
  CHECK(rising.clean && rising.hides);
}

}  // namespace

void check_order() {
  orders();
  doubts();
  types();
  fields();
  heads();
}

}  // namespace fp::test
