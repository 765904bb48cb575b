#include "jpeg_images.h"

namespace fp::av {

namespace {

/// ITU-T T.81, B.1.1.3: stands alone, without a length behind it.
bool is_bare(uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9); }

bool begins_frame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

}  // namespace

JpegImages look_at_jpeg(Span packet) {
  JpegImages images;
  const uint8_t* data = packet.data;
  for (size_t at = 0; at + 2 <= packet.size;) {
    // Coded data has no marker but those that stand alone; a thumbnail lies in a segment, which is passed over.
    const uint8_t marker = data[at + 1];
    if (data[at] != 0xff || marker == 0x00 || marker == 0xff) {
      at++;
      continue;
    }
    at += 2;
    if (is_bare(marker)) continue;
    if (at + 2 > packet.size) break;
    if (begins_frame(marker) && at + 5 <= packet.size) {
      const int height = data[at + 3] << 8 | data[at + 4];
      if (images.count++ == 0 || height < images.height) images.height = height;
    }
    at += static_cast<size_t>(data[at] << 8 | data[at + 1]);
  }
  return images;
}

bool holds_fields(Span packet, int container_height) {
  const JpegImages images = look_at_jpeg(packet);
  return images.count > 0 && images.height < container_height * 3 / 4;
}

}  // namespace fp::av
