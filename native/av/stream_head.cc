#include "stream_head.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

#include "nal_units.h"

namespace fp::av {

namespace {

constexpr int kSei = 6;
constexpr int kUserData = 5;
constexpr size_t kUuidBytes = 16;

/// libavcodec's reading of x264's message; builds before numbers had four digits are all taken for the 67th.
int build_in(Span message) {
  static constexpr char kName[] = "x264 - core ";
  constexpr size_t kNameBytes = sizeof kName - 1;
  if (message.size < kUuidBytes + kNameBytes) return -1;
  const std::string text(reinterpret_cast<const char*>(message.data + kUuidBytes),
                         std::min(message.size - kUuidBytes, kNameBytes + 16));
  if (text.compare(0, kNameBytes, kName) != 0) return -1;
  const std::string digits = text.substr(kNameBytes);
  const long build = std::strtol(digits.c_str(), nullptr, 10);
  if (build == 1 && digits.compare(0, 4, "0000") == 0) return 67;
  return build > 0 && build < INT32_MAX ? static_cast<int>(build) : -1;
}

/// H.264 7.3.2.3: messages of a unit, each with its type and size in bytes of 255 and a last one.
int build_in_sei(Span unit) {
  size_t at = 1;
  const auto number = [&] {
    size_t value = 0;
    while (at < unit.size && unit.data[at] == 0xff) value += unit.data[at++];
    return at < unit.size ? value + unit.data[at++] : value;
  };
  while (at + 2 < unit.size) {
    const size_t type = number();
    const size_t size = std::min(number(), unit.size - at);
    const int build = type == kUserData ? build_in(Span{unit.data + at, size}) : -1;
    if (build >= 0) return build;
    at += size;
  }
  return -1;
}

/// Up to the first picture (ISO/IEC 14496-2, 6.2.1: vop_start_code).
std::vector<uint8_t> before_picture(const AVPacket& packet) {
  static constexpr uint8_t kPicture[] = {0, 0, 1, 0xb6};
  const uint8_t* begin = packet.data;
  const uint8_t* end = begin + packet.size;
  const uint8_t* picture = std::search(begin, end, std::begin(kPicture), std::end(kPicture));
  if (picture == end) return {};
  return {begin, picture};
}

}  // namespace

int x264_build_of(const AVPacket& packet, int length_size) {
  int build = -1;
  const auto look = [&](Span unit) {
    const int type = unit.data[0] & 0x1f;
    if (type == kSei) build = build_in_sei(unit);
    // Nothing is stated behind the first slice.
    return build < 0 && (type == 0 || type > 5);
  };
  const Span bytes{packet.data, static_cast<size_t>(packet.size)};
  if (length_size > 0) {
    for_each_prefixed_nal(bytes, length_size, look);
  } else {
    for_each_annexb_nal(bytes, look);
  }
  return build;
}

StreamHead read_head(const AVCodecParameters& parameters, const AVPacket& packet) {
  StreamHead head;
  if (parameters.codec_id == AV_CODEC_ID_H264) {
    const Span extradata{parameters.extradata, static_cast<size_t>(parameters.extradata_size)};
    head.x264_build = x264_build_of(packet, h264_header(extradata).length_size);
  }
  if (parameters.codec_id == AV_CODEC_ID_MPEG4) head.headers = before_picture(packet);
  return head;
}

}  // namespace fp::av
