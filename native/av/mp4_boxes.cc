#include "mp4_boxes.h"

namespace fp::av {

namespace {

constexpr int kMaxBoxes = 1'000'000;
constexpr uint32_t kMdat = 0x6d646174;

uint64_t big_endian(const uint8_t* bytes, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

bool read_fully(ByteSource& source, int64_t position, uint8_t* target, int length) {
  while (length > 0) {
    const int got = source.read(position, target, length);
    if (got < 0) throw_read_failure(got);
    if (got == 0) return false;
    position += got;
    target += got;
    length -= got;
  }
  return true;
}

}  // namespace

std::vector<ByteRange> media_data_ranges(ByteSource& source) {
  std::vector<ByteRange> ranges;
  const int64_t file_size = source.size();
  int64_t position = 0;
  for (int boxes = 0; boxes < kMaxBoxes && position + 8 <= file_size; boxes++) {
    uint8_t header[16];
    if (!read_fully(source, position, header, 8)) break;
    uint64_t size = big_endian(header, 4);
    const auto type = static_cast<uint32_t>(big_endian(header + 4, 4));
    int64_t payload = position + 8;
    if (size == 1) {
      if (!read_fully(source, position + 8, header + 8, 8)) break;
      size = big_endian(header + 8, 8);
      payload += 8;
    } else if (size == 0) {
      size = static_cast<uint64_t>(file_size - position);
    }
    if (size < static_cast<uint64_t>(payload - position)) break;
    const auto left = static_cast<uint64_t>(file_size - position);
    const int64_t end = size > left ? file_size : position + static_cast<int64_t>(size);
    if (type == kMdat && end > payload) ranges.push_back({payload, end});
    position = end;
  }
  return ranges;
}

}  // namespace fp::av
