#include "unwritten.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "error.h"

namespace fp::av {

namespace {

/// Of 2^64, which no picture holds by chance.
using Mark = std::array<uint8_t, 8>;
constexpr Mark kMark = {0x9e, 0x37, 0x79, 0xb9, 0x7f, 0x4a, 0x7c, 0x15};

/// What is decoded in blocks of 16 by 16 or more is left off between two: of their rows the first one of eight tells.
int marked_rows(AVCodecID codec) {
  constexpr int kOfBlocks = 8;
  return codec == AV_CODEC_ID_VP7 || codec == AV_CODEC_ID_VP8 || codec == AV_CODEC_ID_HEVC ? kOfBlocks : 1;
}

/// Calls `visit(row, bytes)` for one in `step` rows of each plane, until it returns false. False: it
/// did.
template <typename Visit>
bool for_each_row(const AVFrame& frame, int step, Visit visit) {
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr) return true;
  const int planes = std::min(av_pix_fmt_count_planes(format), AV_NUM_DATA_POINTERS);
  for (int plane = 0; plane < planes; plane++) {
    const bool chroma = plane == 1 || plane == 2;
    const int height = chroma ? AV_CEIL_RSHIFT(frame.height, descriptor->log2_chroma_h) : frame.height;
    const int bytes = av_image_get_linesize(format, frame.width, plane);
    if (frame.data[plane] == nullptr || bytes < 0) continue;
    for (int y = 0; y < height; y += step) {
      uint8_t* row = frame.data[plane] + static_cast<ptrdiff_t>(y) * frame.linesize[plane];
      if (!visit(row, static_cast<size_t>(bytes))) return false;
    }
  }
  return true;
}

/// A slice may begin anywhere in a row: its mark begins where those of the row do.
bool is_unwritten(const AVFrame& picture, AVCodecID codec) {
  uint64_t mark = 0;
  std::memcpy(&mark, kMark.data(), sizeof mark);
  return !for_each_row(picture, marked_rows(codec), [&](const uint8_t* row, size_t bytes) {
    // To the end of the row without a branch, which compilers make several at a time of.
    uint64_t found = 0;
    for (size_t at = 0; at + sizeof mark <= bytes; at += sizeof mark) {
      uint64_t word = 0;
      std::memcpy(&word, row + at, sizeof word);
      found |= static_cast<uint64_t>(word == mark);
    }
    return found == 0;
  });
}

}  // namespace

bool may_leave_unwritten(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_APNG:
    case AV_CODEC_ID_FFV1:
    case AV_CODEC_ID_H261:
    case AV_CODEC_ID_JPEGLS:
    case AV_CODEC_ID_SPEEDHQ:
    case AV_CODEC_ID_UTVIDEO:
    case AV_CODEC_ID_VP7:
    case AV_CODEC_ID_VP8:
      return true;
    case AV_CODEC_ID_HEVC:
      // Older ones say which pictures are whole.
      return kHevcFinished == nullptr;
    default:
      return false;
  }
}

void mark(const AVFrame& picture, AVCodecID codec) {
  const uint8_t* marked = nullptr;
  size_t marked_bytes = 0;
  for_each_row(picture, marked_rows(codec), [&](uint8_t* row, size_t bytes) {
    if (bytes <= marked_bytes) {
      std::memcpy(row, marked, bytes);
      return true;
    }
    for (size_t at = 0; at < bytes; at++) row[at] = kMark[at % kMark.size()];
    marked = row;
    marked_bytes = bytes;
    return true;
  });
}

void MarkedPictures::add(int64_t packet, const AVFrame& picture, AVCodecID codec) {
  Frame frame(av_frame_clone(&picture));
  if (!frame) throw Error("E_LIMIT", "out of memory");
  const std::lock_guard<std::mutex> lock(mutex_);
  pictures_.push_back({packet, codec, std::move(frame)});
}

std::vector<int64_t> MarkedPictures::take_unwritten(int64_t last) {
  std::vector<int64_t> unwritten;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto is_finished = [&](const Picture& picture) { return picture.packet <= last; };
  for (const Picture& picture : pictures_) {
    if (is_finished(picture) && is_unwritten(*picture.frame, picture.codec)) unwritten.push_back(picture.packet);
  }
  pictures_.erase(std::remove_if(pictures_.begin(), pictures_.end(), is_finished), pictures_.end());
  return unwritten;
}

void MarkedPictures::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  pictures_.clear();
}

}  // namespace fp::av
