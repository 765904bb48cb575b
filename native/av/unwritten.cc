#include "unwritten.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace fp::av {

namespace {

/// Of 2^64, which no picture holds by chance.
using Mark = std::array<uint8_t, 8>;
constexpr Mark kMark = {0x9e, 0x37, 0x79, 0xb9, 0x7f, 0x4a, 0x7c, 0x15};

/// Calls `visit(row, bytes)` for what is seen of each plane, until it returns false. False: it did.
template <typename Visit>
bool for_each_row(const AVFrame& frame, Visit visit) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr) return true;
  const int planes = std::min(av_pix_fmt_count_planes(format), AV_NUM_DATA_POINTERS);
  for (int plane = 0; plane < planes; plane++) {
    const bool chroma = plane == 1 || plane == 2;
    const int height = chroma ? AV_CEIL_RSHIFT(frame.height, descriptor->log2_chroma_h) : frame.height;
    const int bytes = av_image_get_linesize(format, frame.width, plane);
    if (frame.data[plane] == nullptr || bytes < 0) continue;
    for (int y = 0; y < height; y++) {
      uint8_t* row = frame.data[plane] + static_cast<ptrdiff_t>(y) * frame.linesize[plane];
      if (!visit(row, static_cast<size_t>(bytes))) return false;
    }
  }
  return true;
}

}  // namespace

bool may_leave_unwritten(AVCodecID codec) { return codec == AV_CODEC_ID_FFV1; }

int get_marked_buffer(AVCodecContext* context, AVFrame* frame, int flags) {
  const int result = avcodec_default_get_buffer2(context, frame, flags);
  if (result < 0) return result;
  for_each_row(*frame, [](uint8_t* row, size_t bytes) {
    for (size_t at = 0; at < bytes; at += kMark.size()) {
      std::memcpy(row + at, kMark.data(), std::min(kMark.size(), bytes - at));
    }
    return true;
  });
  return 0;
}

/// A slice may begin anywhere in a row: its mark begins where those of the row do.
bool unwritten(const AVFrame& frame) {
  return !for_each_row(frame, [](const uint8_t* row, size_t bytes) {
    for (size_t at = 0; at + kMark.size() <= bytes; at += kMark.size()) {
      if (std::memcmp(row + at, kMark.data(), kMark.size()) == 0) return false;
    }
    return true;
  });
}

}  // namespace fp::av
