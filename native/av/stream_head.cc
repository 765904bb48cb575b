#include "stream_head.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>

#include "jpeg_images.h"
#include "supplemental_messages.h"

namespace fp::av {

namespace {

constexpr uint32_t kUserData = 5;
constexpr size_t kUuidBytes = 16;

/// libavcodec's reading of x264's message; builds before numbers had four digits are all taken for the 67th.
int build_in(BitReader message, size_t size) {
  static constexpr char kName[] = "x264 - core ";
  constexpr size_t kNameBytes = sizeof kName - 1;
  if (size < kUuidBytes + kNameBytes) return -1;
  for (size_t i = 0; i < kUuidBytes; i++) message.bits(8);
  std::string text;
  for (size_t i = kUuidBytes; i < size && text.size() < kNameBytes + 16; i++) {
    text.push_back(static_cast<char>(message.bits(8)));
  }
  if (text.compare(0, kNameBytes, kName) != 0) return -1;
  const std::string digits = text.substr(kNameBytes);
  const long build = std::strtol(digits.c_str(), nullptr, 10);
  if (build == 1 && digits.compare(0, 4, "0000") == 0) return 67;
  return build > 0 && build < INT32_MAX ? static_cast<int>(build) : -1;
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

int x264_build_of(const AVPacket& packet, const CodedUnits& units) {
  int build = -1;
  // Nothing is stated behind the first slice.
  units.each_ahead(span_of(packet), [&](int type, Span unit) {
    if (type != h264_unit::kMessages) return true;
    for_each_message(units.payload_of(unit), [&](uint32_t kind, size_t size, const BitReader& message) {
      if (kind == kUserData) build = build_in(message, size);
      return build < 0;
    });
    return build < 0;
  });
  return build;
}

StreamHead read_head(const AVCodecParameters& parameters, const AVPacket& packet) {
  StreamHead head;
  if (parameters.codec_id == AV_CODEC_ID_H264) head.x264_build = x264_build_of(packet, CodedUnits(parameters));
  if (parameters.codec_id == AV_CODEC_ID_MPEG4) head.headers = before_picture(packet);
  if (parameters.codec_id == AV_CODEC_ID_MJPEG) head.tables = read_tables(span_of(packet));
  return head;
}

}  // namespace fp::av
