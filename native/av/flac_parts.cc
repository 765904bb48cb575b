#include "flac_parts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "byte_window.h"

namespace fp::av {

namespace {

constexpr uint32_t kMarker = 0x664C6143;  // fLaC
/// The marker, and the header of the first block of metadata, which is always this one (RFC 9639, 8).
constexpr std::array<uint8_t, 8> kBegin{'f', 'L', 'a', 'C', 0, 0, 0, 34};
/// Whether it is the last block too.
constexpr int kFlagged = 4;
constexpr uint8_t kIsLast = 0x80;
/// Of a file that is meant to be read.
constexpr int kMostBlocks = 4096;

/// Whether a file may begin like this, as far as it is there.
bool may_begin(const uint8_t* data, int length) {
  const int count = std::min(length, static_cast<int>(kBegin.size()));
  for (int i = 0; i < count; i++) {
    const uint8_t byte = i == kFlagged ? data[i] & ~kIsLast : data[i];
    if (byte != kBegin[static_cast<size_t>(i)]) return false;
  }
  return true;
}

}  // namespace

void FlacParts::go_to_next() {
  begin_ = end_;
  end_ = whole_.size();
  first_frame_ = -1;
}

void FlacParts::go_to_first() {
  begin_ = 0;
  end_ = whole_.size();
  first_frame_ = -1;
}

int FlacParts::read(int64_t position, uint8_t* target, int length) noexcept {
  const int64_t left = size() - position;
  if (left <= 0) return 0;
  const int asked = static_cast<int>(std::min<int64_t>(length, left));
  const int got = whole_.read(begin_ + position, target, asked);
  if (got > asked) return AVERROR_BUG;
  if (got <= 0) return got;
  // An ID3v2 tag may stand in front.
  if (position == 0) is_flac_ = got >= 4 && (may_begin(target, 4) || std::memcmp(target, "ID3", 3) == 0);
  if (!is_flac_) return got;
  try {
    return cut(begin_ + position, target, got);
  } catch (const Error& error) {
    return error.averror < 0 ? error.averror : AVERROR(EIO);
  } catch (...) {
    return AVERROR(ENOMEM);
  }
}

/// How many of these bytes of the whole are the part's.
int FlacParts::cut(int64_t position, const uint8_t* data, int length) {
  for (int at = 0; at < length; at++) {
    const void* found = std::memchr(data + at, kBegin[0], static_cast<size_t>(length - at));
    if (found == nullptr) break;
    at = static_cast<int>(static_cast<const uint8_t*>(found) - data);
    if (!may_begin(data + at, length - at)) continue;
    // What goes on behind these bytes is seen whole by the next read.
    if (at > 0 && length - at < static_cast<int>(kBegin.size())) return at;
    if (!is_begin(position + at)) continue;
    end_ = position + at;
    return at;
  }
  return length;
}

/// Whether another file begins there. In front of the first frame, metadata may hold anything.
bool FlacParts::is_begin(int64_t position) {
  constexpr int64_t kLeast = 8 + 34;
  if (position <= begin_ || position + kLeast > whole_.size()) return false;
  ByteWindow window(whole_);
  std::array<uint8_t, kBegin.size()> head{};
  for (size_t i = 0; i < head.size(); i++) {
    head[i] = static_cast<uint8_t>(window.number(position + static_cast<int64_t>(i), 1));
  }
  if (!may_begin(head.data(), static_cast<int>(head.size()))) return false;
  const int64_t info = position + static_cast<int64_t>(head.size());
  const uint64_t least = window.number(info, 2);
  const uint64_t most = window.number(info + 2, 2);
  const uint64_t rate = window.number(info + 10, 3) >> 4;
  constexpr uint64_t kShortestBlock = 16;
  if (most < kShortestBlock || least > most || rate == 0) return false;
  return position > first_frame();
}

/// Where the part's metadata end.
int64_t FlacParts::first_frame() {
  if (first_frame_ >= 0) return first_frame_;
  first_frame_ = std::numeric_limits<int64_t>::max();
  ByteWindow window(whole_);
  int64_t at = begin_;
  constexpr uint64_t kId3 = 0x494433;
  if (window.number(at, 3) == kId3) {
    int64_t size = 10;
    for (int i = 0; i < 4; i++) size += static_cast<int64_t>(window.number(at + 6 + i, 1) & 0x7F) << (7 * (3 - i));
    at += size;
  }
  if (window.u32(at) != kMarker) return first_frame_;
  at += 4;
  for (int blocks = 0; blocks < kMostBlocks && at + 4 <= window.size(); blocks++) {
    const bool is_last = (window.number(at, 1) & kIsLast) != 0;
    at += 4 + static_cast<int64_t>(window.number(at + 1, 3));
    if (!is_last) continue;
    first_frame_ = at;
    break;
  }
  return first_frame_;
}

}  // namespace fp::av
