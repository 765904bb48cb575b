#include "png_head.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "byte_window.h"
#include "codec_list.h"
#include "error.h"
#include "handles.h"

namespace fp::av {

namespace {

constexpr uint64_t kSignature = 0x89504E470D0A1A0A;
constexpr uint32_t kHeader = 0x49484452;  // IHDR
constexpr uint32_t kHeaderLength = 13;
constexpr uint32_t kData = 0x49444154;  // IDAT
constexpr uint32_t kEnd = 0x49454E44;   // IEND
/// Of a chunk: its length and its name in front, its checksum behind.
constexpr size_t kAround = 12;
/// Colour profiles and texts may stand in front of the picture.
constexpr int64_t kLongestHead = int64_t{1} << 20;

/// Nine zeros, not compressed (RFC 1950): a row of one pixel of any format, black.
constexpr std::array<uint8_t, 20> kOnePixel = {0x78, 1, 1, 9, 0, 0xF6, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1};

/// FFmpeg says the same once more, when it comes there itself.
constexpr int kSilent = 1000;

struct Head {
  std::vector<uint8_t> bytes;  ///< up to the picture's data; empty: there is none that FFmpeg would get as far as
  size_t size_at = 0;          ///< where the size is, 0: nowhere
};

Head head_of(ByteSource& source) {
  ByteWindow window(source);
  Head head;
  if (window.number(0, 8) != kSignature) return {};
  for (int64_t at = 8; at + int64_t{kAround} <= std::min(window.size(), kLongestHead);) {
    const uint32_t length = window.u32(at);
    const int64_t end = at + int64_t{kAround} + int64_t{length};
    const uint32_t name = window.u32(at + 4);
    if (end > window.size()) return {};
    if (name == kData) {
      for (int64_t i = 0; i < at; i++) head.bytes.push_back(static_cast<uint8_t>(window.number(i, 1)));
      return head;
    }
    if (name == kHeader && (length != kHeaderLength || head.size_at > 0)) return {};
    if (name == kHeader) head.size_at = static_cast<size_t>(at) + 8;
    at = end;
  }
  return {};
}

/// Without a checksum, which FFmpeg leaves alone.
void append_chunk(std::vector<uint8_t>& bytes, uint32_t name, const uint8_t* data, size_t size) {
  const size_t at = bytes.size();
  bytes.resize(at + kAround + size);
  AV_WB32(&bytes[at], static_cast<uint32_t>(size));
  AV_WB32(&bytes[at + 4], name);
  std::copy_n(data, size, &bytes[at + 8]);
}

}  // namespace

/// A picture of one pixel under the same header: FFmpeg's decoder says what it says of the whole one, whose memory is
/// as large as the picture, for which there may be no room yet.
void read_png_head(ByteSource& source, const Limits& limits, AVCodecParameters& parameters) {
  Head head = head_of(source);
  if (head.size_at == 0) return;
  uint8_t* const size = head.bytes.data() + head.size_at;
  const uint32_t width = AV_RB32(size);
  const uint32_t height = AV_RB32(size + 4);
  // As its decoder compares it when FFmpeg opens a file, whatever is allowed later.
  if (av_image_check_size2(width, height, INT32_MAX, AV_PIX_FMT_NONE, kSilent, nullptr) < 0) return;
  AV_WB32(size, 1);
  AV_WB32(size + 4, 1);
  append_chunk(head.bytes, kData, kOnePixel.data(), kOnePixel.size());
  append_chunk(head.bytes, kEnd, nullptr, 0);

  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) return;
  const CodecContext context(avcodec_alloc_context3(codec));
  const Packet packet(av_packet_alloc());
  const Frame frame(av_frame_alloc());
  if (!context || !packet || !frame || av_new_packet(packet.get(), static_cast<int>(head.bytes.size())) < 0) {
    throw Error("E_LIMIT", "out of memory");
  }
  std::copy(head.bytes.begin(), head.bytes.end(), packet->data);
  if (avcodec_parameters_to_context(context.get(), &parameters) < 0) return;
  // As FFmpeg does it: what is said of the picture's colour is not all looked at.
  context->skip_frame = AVDISCARD_ALL;
  context->thread_count = 1;
  context->log_level_offset = kSilent;
  Dictionary settings;
  const std::string& decoders = decoder_names(limits);
  if (!decoders.empty()) settings.set("codec_whitelist", decoders.c_str());
  if (avcodec_open2(context.get(), codec, settings.address()) < 0) return;
  avcodec_send_packet(context.get(), packet.get());
  avcodec_receive_frame(context.get(), frame.get());
  if (context->width != 1 || context->height != 1 || context->pix_fmt == AV_PIX_FMT_NONE) return;
  check(avcodec_parameters_from_context(&parameters, context.get()), "E_LIMIT", "keep what a picture is");
  parameters.width = static_cast<int>(width);
  parameters.height = static_cast<int>(height);
}

}  // namespace fp::av
