// NAL units and H.264's headers.
#include <cstring>

#include "../../native/av/coded_units.h"
#include "../../native/av/h264_sps.h"
#include "../../native/av/handles.h"
#include "../../native/av/random_access.h"
#include "../../native/av/stream_headers.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

using av::CodedUnits;
using av::H264Sps;
using av::Span;
using Bytes = std::vector<uint8_t>;

/// 320x180, High profile, BT.709, as x264 wrote it.
const Bytes kSequence = {0x67, 0x64, 0x00, 0x0c, 0xac, 0xd9, 0x41, 0x41, 0x9f, 0x9f, 0x01, 0x6a, 0x02, 0x02,
                         0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x19, 0x07, 0x8a, 0x14, 0xcb};
/// 1280x720, full range.
const Bytes kFullRange = {0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x6e, 0x02, 0x02,
                          0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb};

/// A copy that ends where its memory ends, so that reading on is noticed.
Bytes exact(const uint8_t* data, size_t size) {
  Bytes copy(data, data + size);
  copy.shrink_to_fit();
  return copy;
}

Span span(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

/// Writes what BitReader reads; start code emulation is not prevented.
class BitWriter {
 public:
  void bits(uint64_t value, int count) {
    while (count-- > 0) {
      if (used_ % 8 == 0) bytes.push_back(0);
      bytes.back() = static_cast<uint8_t>(bytes.back() | (value >> count & 1) << (7 - used_ % 8));
      used_++;
    }
  }
  void golomb(uint64_t value) {
    int length = 0;
    while ((value + 1) >> (length + 1) != 0) length++;
    bits(0, length);
    bits(value + 1, length + 1);
  }
  Bytes bytes;

 private:
  int used_ = 0;
};

void known_sequences() {
  H264Sps sps{};
  CHECK(av::parse_h264_sps(span(kSequence), sps));
  CHECK(sps.frames_only);
  CHECK_EQUAL(sps.format, AV_PIX_FMT_YUV420P);
  CHECK_EQUAL(sps.width, 320);
  CHECK_EQUAL(sps.height, 180);
  CHECK_EQUAL(sps.aspect.num, 1);
  CHECK_EQUAL(sps.aspect.den, 1);
  CHECK_EQUAL(sps.primaries, AVCOL_PRI_BT709);
  CHECK_EQUAL(sps.transfer, AVCOL_TRC_BT709);
  CHECK_EQUAL(sps.space, AVCOL_SPC_BT709);
  CHECK(av::parse_h264_sps(span(kFullRange), sps));
  CHECK_EQUAL(sps.format, AV_PIX_FMT_YUVJ420P);
  CHECK_EQUAL(sps.width, 1280);
  CHECK_EQUAL(sps.height, 720);
  CHECK_EQUAL(sps.range, AVCOL_RANGE_JPEG);
}

/// Baseline, `columns` x `rows` macroblocks, as fields, cropped.
Bytes fields(uint64_t columns, uint64_t rows, uint64_t crop) {
  BitWriter writer;
  writer.bits(0x67, 8);
  writer.bits(66, 8);
  writer.bits(0x001f, 16);
  for (const uint64_t value : {0, 0, 2, 1}) writer.golomb(value);  // id, frame number, order type, references
  writer.bits(0, 1);
  writer.golomb(columns - 1);
  writer.golomb(rows - 1);
  writer.bits(0, 3);  // fields, not adaptive, no direct 8x8
  writer.bits(1, 1);
  for (int side = 0; side < 4; side++) writer.golomb(crop);
  writer.bits(0, 1);  // no VUI
  writer.bits(1, 1);
  return writer.bytes;
}

void written_sequences() {
  H264Sps sps{};
  CHECK(av::parse_h264_sps(span(fields(45, 18, 1)), sps));
  CHECK(!sps.frames_only);
  CHECK_EQUAL(sps.width, 45 * 16 - 4);
  CHECK_EQUAL(sps.height, 18 * 32 - 8);
  CHECK_EQUAL(sps.format, AV_PIX_FMT_YUV420P);
  CHECK_EQUAL(sps.aspect.num, 0);
  CHECK(!av::parse_h264_sps(span(fields(4, 4, 1000)), sps));
  CHECK(!av::parse_h264_sps(span(fields(uint64_t{1} << 31, 4, 0)), sps));
  CHECK(!av::parse_h264_sps(span(fields(uint64_t{1} << 32, 4, 0)), sps));
}

/// Scaling lists that begin with the largest step there is.
void extreme_scaling_lists() {
  for (const uint64_t step : {uint64_t{0xfffffffd}, uint64_t{0xfffffffe}, uint64_t{0x7fffffff}}) {
    BitWriter writer;
    writer.bits(0x67, 8);
    writer.bits(100, 8);
    writer.bits(0x001f, 16);
    for (const uint64_t value : {0, 1, 0, 0}) writer.golomb(value);  // id, chroma, depths
    writer.bits(0, 1);
    writer.bits(3, 2);  // there are lists, and the first is one
    for (int i = 0; i < 70; i++) writer.golomb(step);
    H264Sps sps{};
    av::parse_h264_sps(span(writer.bytes), sps);
  }
}

void damaged_sequences() {
  H264Sps sps{};
  // The last byte that is read holds the colour matrix; what follows is about
  // buffering.
  constexpr size_t kNeeded = 15;
  for (size_t size = 0; size <= kSequence.size(); size++) {
    CHECK_EQUAL(av::parse_h264_sps(span(exact(kSequence.data(), size)), sps), size >= kNeeded);
  }
  Random random(2);
  for (int i = 0; i < 20000; i++) {
    Bytes bytes = exact(kSequence.data(), 5 + random.below(kSequence.size() - 4));
    for (size_t flips = 1 + random.below(8); flips > 0; flips--) bytes[random.below(bytes.size())] = random.byte();
    if (av::parse_h264_sps(span(bytes), sps)) CHECK(sps.width > 0 && sps.height > 0);
  }
}

/// Of a stream with this header out of band.
CodedUnits units_of(AVCodecID codec, Bytes& header) {
  AVCodecParameters parameters{};
  parameters.codec_id = codec;
  parameters.extradata = header.data();
  parameters.extradata_size = static_cast<int>(header.size());
  return CodedUnits(parameters);
}

std::vector<Span> sequences_of(Bytes& header) {
  AVCodecParameters parameters{};
  parameters.codec_id = AV_CODEC_ID_H264;
  parameters.extradata = header.data();
  parameters.extradata_size = static_cast<int>(header.size());
  return av::h264_sequences_of(parameters);
}

void header_records() {
  Bytes record = {1, 100, 0, 12, 0xff, 0xe1, 0, static_cast<uint8_t>(kSequence.size())};
  record.insert(record.end(), kSequence.begin(), kSequence.end());
  record.insert(record.end(), {1, 0, 2, 0x68, 0xee});
  CHECK_EQUAL(units_of(AV_CODEC_ID_H264, record).length_size(), 4);
  const std::vector<Span> sequences = sequences_of(record);
  CHECK_EQUAL(sequences.size(), 1U);
  CHECK_EQUAL(sequences.front().size, kSequence.size());
  CHECK(sequences.front().data == record.data() + 8);
  for (size_t size = 0; size < record.size(); size++) {
    Bytes cut = exact(record.data(), size);
    CHECK_EQUAL(sequences_of(cut).size(), size < 8 + kSequence.size() ? 0U : 1U);
  }
  Bytes annexb = {0, 0, 0, 1, 0x68, 1, 0, 0, 1};
  annexb.insert(annexb.end(), kSequence.begin(), kSequence.end());
  CHECK_EQUAL(units_of(AV_CODEC_ID_H264, annexb).length_size(), 0);
  CHECK_EQUAL(sequences_of(annexb).size(), 1U);
  CHECK_EQUAL(sequences_of(annexb).front().size, kSequence.size());
  Bytes empty;
  CHECK(sequences_of(empty).empty());

  Bytes hevc(23, 0);
  hevc[0] = 1;
  hevc[21] = 0xfd;
  CHECK_EQUAL(units_of(AV_CODEC_ID_HEVC, hevc).length_size(), 2);
  CHECK_EQUAL(units_of(AV_CODEC_ID_H264, hevc).length_size(), 1);
  hevc.resize(22);
  CHECK_EQUAL(units_of(AV_CODEC_ID_HEVC, hevc).length_size(), 0);
  CHECK_EQUAL(units_of(AV_CODEC_ID_HEVC, empty).length_size(), 0);
}

std::string types_and_sizes(const CodedUnits& coding, const Bytes& packet) {
  std::string seen;
  coding.each(span(packet), [&](int type, Span rest) {
    seen += std::to_string(type) + ":" + std::to_string(coding.whole(rest).size) + " ";
    return true;
  });
  return seen;
}

void units() {
  Bytes none;
  const CodedUnits start_codes = units_of(AV_CODEC_ID_H264, none);
  // What stands before the first is no unit, nor is an empty one.
  CHECK(types_and_sizes(start_codes, {9, 9, 0, 0, 1, 7, 7, 0, 0, 1, 0, 0, 1, 8}) == "7:2 8:1 ");
  CHECK(types_and_sizes(start_codes, {0, 0, 0, 1, 0x67, 7, 0, 0, 0, 1, 0x65, 0, 0, 1}) == "7:3 5:1 ");
  Bytes header = {1, 100, 0, 12, 0xfd, 0xe0, 0};
  const CodedUnits prefixed = units_of(AV_CODEC_ID_H264, header);
  CHECK(types_and_sizes(prefixed, {0, 2, 7, 7, 0, 0, 0, 1, 8, 0, 9, 1}) == "7:2 8:1 ");
  CHECK(types_and_sizes(prefixed, {0xff, 0xff, 1}).empty());
  // Behind the first slice nothing is ahead of it.
  const Bytes packet = {0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 3, 0, 0, 1, 0x65, 4, 0, 0, 1, 0x68};
  std::string ahead;
  const auto note = [&](int type, Span unit) {
    ahead += std::to_string(type) + ":" + std::to_string(unit.size) + " ";
    return true;
  };
  CHECK(start_codes.each_ahead(span(packet), note));
  CHECK(ahead == "7:2 8:3 ");
  CHECK(!start_codes.each_ahead(Span{packet.data(), 11}, note));
  CHECK_EQUAL(av::without_zeros(Span{packet.data(), 2}).size, 1U);
  Random random(3);
  for (int i = 0; i < 5000; i++) {
    Bytes bytes = random.bytes(random.below(40));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(byte % 3);
    header[4] = static_cast<uint8_t>(0xfc + i % 4);
    for (const CodedUnits& coding : {start_codes, units_of(AV_CODEC_ID_H264, header)}) {
      size_t seen = 0;
      coding.each(span(bytes), [&](int, Span rest) {
        const Span unit = coding.whole(rest);
        CHECK(unit.size > 0 && unit.data >= bytes.data() && unit.data + unit.size <= bytes.data() + bytes.size());
        seen += unit.size;
        return true;
      });
      CHECK(seen <= bytes.size());
    }
    sequences_of(bytes);
  }
}

void headers_in_force() {
  AVCodecParameters parameters{};
  parameters.codec_id = AV_CODEC_ID_H264;
  const av::StreamHeaders none(parameters);
  av::StreamHeaders headers = none;
  Bytes packet = {0, 0, 1};
  packet.insert(packet.end(), kSequence.begin(), kSequence.end());
  packet.insert(packet.end(), {0, 0, 1, 0x68, 0xee, 0x3c, 0x80, 0, 0, 1, 0x65, 0x88, 0x84});
  CHECK(headers.see(span(packet)));
  CHECK(!headers.see(span(packet)));
  CHECK(headers != none);
  CHECK_EQUAL(headers.end_of_headers(span(packet)), packet.size() - 6);
  const av::Packet coded(av_packet_alloc());
  CHECK(av_new_packet(coded.get(), 3) == 0);
  std::memcpy(coded->data, "abc", 3);
  headers.put_before(*coded);
  CHECK_EQUAL(static_cast<size_t>(coded->size), packet.size() - 6 + 3);
  CHECK(std::memcmp(coded->data, packet.data(), packet.size() - 6) == 0);
  CHECK(std::memcmp(coded->data + coded->size - 3, "abc", 3) == 0);
  // Another sequence under the same number takes the picture parameter set with
  // it.
  Bytes other = {0, 0, 1};
  other.insert(other.end(), kFullRange.begin(), kFullRange.end());
  av::StreamHeaders alone = none;
  CHECK(alone.see(span(other)));
  CHECK(headers.see(span(other)));
  CHECK(headers == alone);
}

void damaged_packets() {
  Random random(4);
  for (const AVCodecID codec : {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
                                AV_CODEC_ID_VP8, AV_CODEC_ID_VP9}) {
    AVCodecParameters parameters{};
    parameters.codec_id = codec;
    av::StreamHeaders headers(parameters);
    const av::RandomAccessReader access(parameters);
    for (int i = 0; i < 5000; i++) {
      Bytes bytes = random.bytes(1 + random.below(60));
      for (size_t at = 0; at + 3 < bytes.size(); at += 4 + random.below(12)) std::memcpy(&bytes[at], "\0\0\1", 3);
      const Bytes packet = exact(bytes.data(), bytes.size());
      access.look(span(packet));
      access.is_reference(span(packet));
      access.unreferenced_layer(span(packet));
      headers.see(span(packet));
      headers.replace(span(packet));
      CHECK(headers.end_of_headers(span(packet)) <= packet.size());
    }
  }
}

}  // namespace

void check_headers() {
  known_sequences();
  written_sequences();
  extreme_scaling_lists();
  damaged_sequences();
  header_records();
  units();
  headers_in_force();
  damaged_packets();
}

}  // namespace fp::test
