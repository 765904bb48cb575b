#include "whole_picture.h"

#include <algorithm>

namespace fp::av {

namespace {

/// Big-endian but for what Microsoft made. Beyond the end are zeros.
class Bytes {
 public:
  explicit Bytes(Span span) : span_(span) {}
  int byte() { return at_ < span_.size ? span_.data[at_++] : (at_++, 0); }
  int be16() {
    const int high = byte();
    return high << 8 | byte();
  }
  int be24() {
    const int high = be16();
    return high << 8 | byte();
  }
  int le16() {
    const int low = byte();
    return low | byte() << 8;
  }
  void skip(size_t count) { at_ += count; }
  int peek() const { return at_ < span_.size ? span_.data[at_] : 0; }
  bool overrun() const { return at_ > span_.size; }
  size_t left() const { return overrun() ? 0 : span_.size - at_; }

 private:
  Span span_;
  size_t at_ = 0;
};

/// One strip's chunks: both codebooks anew, and an entry of them for each block.
bool is_whole_strip(Span strip) {
  bool four = false;
  bool one = false;
  bool vectors = false;
  for (Bytes bytes(strip); bytes.left() >= 4;) {
    const int id = bytes.byte();
    const int size = bytes.be24();
    if (size < 4) return false;
    bytes.skip(static_cast<size_t>(size) - 4);
    if (id == 0x20 || id == 0x24) {
      four = true;
    } else if (id == 0x22 || id == 0x26) {
      one = true;
    } else if (id == 0x30 || id == 0x32) {
      vectors = one && (four || id == 0x32);
    } else {
      return false;
    }
  }
  return vectors;
}

/// Strips that are as high as the picture, one below the other.
bool is_whole_cinepak(const CodedShape& shape, Span packet) {
  constexpr int kWhole = 0x10;
  constexpr int kHead = 12;
  Bytes bytes(packet);
  bytes.skip(1);
  if (static_cast<size_t>(bytes.be24()) != packet.size) return false;
  bytes.skip(4);
  int covered = 0;
  for (int strips = bytes.be16(); strips > 0; strips--) {
    const int id = bytes.byte();
    const int size = bytes.be24();
    const int top = bytes.be16();
    const int left = bytes.be16();
    const int height = bytes.be16();
    const int right = bytes.be16();
    const auto length = static_cast<size_t>(std::max(size - kHead, 0));
    if (id != kWhole || length > bytes.left()) return false;
    const bool codes = is_whole_strip(Span{packet.data + (packet.size - bytes.left()), length});
    if (!codes || left != 0 || right < shape.width) return false;
    covered = top == 0 ? covered + height : (top <= covered ? std::max(covered, height) : 0);
    bytes.skip(length);
  }
  return covered >= shape.height;
}

bool is_whole_msvideo1(const CodedShape& shape, Span packet) {
  const bool palette = shape.bits == 8;
  Bytes bytes(packet);
  for (int64_t blocks = int64_t{shape.width / 4} * (shape.height / 4); blocks > 0; blocks--) {
    bytes.byte();
    const int code = bytes.byte();
    if ((code & 0xfc) == 0x84) return false;
    if (palette) {
      if (code < 0x80) bytes.skip(2);
      if (code >= 0x90) bytes.skip(8);
    } else if (code < 0x80) {
      const bool eight = (bytes.le16() & 0x8000) != 0;
      bytes.skip(eight ? 14 : 2);
    }
    if (bytes.overrun()) return false;
  }
  return true;
}

bool is_whole_rpza(const CodedShape& shape, Span packet) {
  Bytes bytes(packet);
  bytes.skip(4);
  int64_t blocks = int64_t{(shape.width + 3) / 4} * ((shape.height + 3) / 4);
  while (blocks > 0 && bytes.left() > 0) {
    const int code = bytes.byte();
    const int count = (code & 0x1f) + 1;
    if (code < 0x80) {
      bytes.byte();
      const bool four = (bytes.peek() & 0x80) != 0;
      bytes.skip(four ? 2 + 4 : 30);
      blocks--;
    } else if (code >= 0xa0 && code < 0xe0) {
      bytes.skip(code < 0xc0 ? 2 : 4 + 4 * static_cast<size_t>(count));
      blocks -= count;
    } else {
      return false;
    }
  }
  return blocks <= 0 && !bytes.overrun();
}

/// One line of runs, none of which passes anything over; `unit` bytes are `pixels` wide.
bool is_whole_line(Bytes& bytes, int width, size_t unit, int pixels) {
  constexpr int kNoSkip = 1;
  constexpr int kEnd = 0xff;
  if (bytes.byte() != kNoSkip) return false;
  int64_t covered = 0;
  for (int code = bytes.byte(); code != kEnd; code = bytes.byte()) {
    if (bytes.overrun() || (code == 0 && bytes.byte() != kNoSkip)) return false;
    if (code == 0) continue;
    const bool repeats = code >= 0x80;
    const int count = repeats ? 0x100 - code : code;
    bytes.skip(unit * static_cast<size_t>(repeats ? 1 : count));
    covered += int64_t{count} * pixels;
  }
  return covered >= width && !bytes.overrun();
}

bool is_whole_qtrle(const CodedShape& shape, Span packet) {
  constexpr int kGrey = 32;
  const int bits = shape.bits;
  const int depth = bits > kGrey ? bits - kGrey : bits;
  // Pixels of less than two bytes come by four bytes; of one bit, lines are coded otherwise.
  if (depth < 2) return false;
  const size_t unit = depth <= 8 ? 4 : static_cast<size_t>(depth) / 8;
  const int pixels = depth <= 8 ? 32 / depth : 1;
  Bytes bytes(packet);
  bytes.skip(4);
  const bool has_bounds = (bytes.be16() & 8) != 0;
  if (has_bounds) {
    const int first = bytes.be16();
    bytes.skip(2);
    const int count = bytes.be16();
    bytes.skip(2);
    if (first != 0 || count < shape.height) return false;
  }
  for (int line = 0; line < shape.height; line++) {
    if (!is_whole_line(bytes, shape.width, unit, pixels)) return false;
  }
  return true;
}

}  // namespace

bool tells_whole_pictures(AVCodecID codec) {
  return codec == AV_CODEC_ID_CINEPAK || codec == AV_CODEC_ID_MSVIDEO1 || codec == AV_CODEC_ID_QTRLE ||
         codec == AV_CODEC_ID_RPZA;
}

bool paints_whole_picture(const CodedShape& shape, Span packet) {
  switch (shape.codec) {
    case AV_CODEC_ID_CINEPAK:
      return is_whole_cinepak(shape, packet);
    case AV_CODEC_ID_MSVIDEO1:
      return is_whole_msvideo1(shape, packet);
    case AV_CODEC_ID_QTRLE:
      return is_whole_qtrle(shape, packet);
    case AV_CODEC_ID_RPZA:
      return is_whole_rpza(shape, packet);
    default:
      return false;
  }
}

}  // namespace fp::av
