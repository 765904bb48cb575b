#include "jpeg_images.h"

#include <algorithm>
#include <bitset>
#include <cstring>

namespace fp::av {

namespace {

constexpr uint8_t kStart = 0xd8;
constexpr uint8_t kEnd = 0xd9;
constexpr uint8_t kScan = 0xda;
constexpr uint8_t kQuantisers = 0xdb;
constexpr uint8_t kTables = 0xc4;
constexpr uint8_t kProgressive = 0xc2;
constexpr uint8_t kLossless = 0xc3;

/// ITU-T T.81, B.1.1.3: stands alone, without a length behind it.
bool is_bare(uint8_t marker) { return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd9); }

bool begins_frame(uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/// Calls `visit(marker, rest)` for each marker, with what is in its segment, as far as that is there.
template <typename Visit>
void for_each_marker(Span packet, Visit visit) {
  const uint8_t* const end = packet.data + packet.size;
  for (const uint8_t* at = packet.data; end - at >= 2;) {
    // Coded data has no marker but those that stand alone; a thumbnail lies in a segment, which is passed over.
    at = static_cast<const uint8_t*>(std::memchr(at, 0xff, static_cast<size_t>(end - at)));
    if (at == nullptr || end - at < 2) return;
    const uint8_t marker = at[1];
    if (marker == 0x00 || marker == 0xff) {
      at++;
      continue;
    }
    at += 2;
    if (is_bare(marker)) {
      visit(marker, Span{});
      continue;
    }
    if (end - at < 2) return;
    const auto left = static_cast<size_t>(end - at);
    const auto length = static_cast<size_t>(at[0] << 8 | at[1]);
    const size_t within = std::min(length, left);
    visit(marker, within < 2 ? Span{} : Span{at + 2, within - 2});
    // As its decoder does: a length that is not there is not believed.
    at += length > left ? 2 : length;
  }
}

/// One for each number.
using Numbers = std::bitset<256>;

/// The images of a packet: what those need that began, and what came.
class Parts {
 public:
  void see(uint8_t marker, Span segment) {
    if (begins_frame(marker)) {
      begin(marker, segment);
    } else if (marker == kScan) {
      add_scan(segment);
    } else if (marker == kQuantisers) {
      add_quantisers(segment);
    } else if (marker == kTables) {
      tables_ |= HuffmanTables::defined_by(segment);
    } else if (marker == kStart || marker == kEnd) {
      end();
    }
  }
  /// After the last marker.
  const MissingParts& missing() {
    end();
    return missing_;
  }

 private:
  /// B.2.2: its components, each with its quantiser.
  void begin(uint8_t marker, Span segment) {
    end();
    frame_ = marker;
    constexpr size_t kFixed = 6;
    const size_t count = segment.size < kFixed ? 0 : segment.data[kFixed - 1];
    if (count == 0 || segment.size < kFixed + 3 * count) {
      missing_.any = true;
      return;
    }
    for (size_t i = 0; i < count; i++) {
      const uint8_t* component = segment.data + kFixed + 3 * i;
      components_.set(component[0]);
      if (marker != kLossless) wanted_.set(component[2]);
    }
  }

  /// B.2.3: of one to four components.
  void add_scan(Span segment) {
    const size_t count = segment.size == 0 ? 0 : segment.data[0];
    if (count > 4 || segment.size < 1 + 2 * count) return;
    // The first coefficient of the scan: 0 is DC.
    const size_t spectrum = 1 + 2 * count;
    const bool begins_behind_dc = frame_ == kProgressive && segment.size > spectrum && segment.data[spectrum] > 0;
    for (size_t i = 0; i < count; i++) {
      components_.reset(segment.data[1 + 2 * i]);
      const uint8_t numbers = segment.data[2 + 2 * i];
      if (!begins_behind_dc) want_table(numbers >> 4);
      if (frame_ != kLossless && (frame_ != kProgressive || begins_behind_dc)) want_table(0x10 | (numbers & 0xf));
    }
  }

  void want_table(uint8_t class_and_number) {
    const size_t place = HuffmanTables::place(class_and_number);
    if (!tables_[place]) missing_.tables.set(place);
  }

  /// B.2.4.1.
  void add_quantisers(Span segment) {
    for (size_t at = 0; at < segment.size;) {
      const uint8_t precision_and_number = segment.data[at];
      quantisers_.set(precision_and_number & 0xf);
      at += precision_and_number >> 4 == 0 ? 65 : 129;
    }
  }

  /// Quantisers count to the end of the packet.
  void end() {
    missing_.any = missing_.any || components_.any() || (wanted_ & ~quantisers_).any();
    components_.reset();
    wanted_.reset();
  }

  Numbers components_;  ///< of the image that began, without those that a scan brought
  Numbers wanted_;      ///< quantisers of that image
  Numbers quantisers_;
  HuffmanTables::Places tables_;
  uint8_t frame_ = 0;  ///< the marker that it began with
  MissingParts missing_;
};

}  // namespace

JpegImages look_at_jpeg(Span packet) {
  JpegImages images;
  for_each_marker(packet, [&](uint8_t marker, Span segment) {
    if (!begins_frame(marker) || segment.size < 3) return;
    const int height = segment.data[1] << 8 | segment.data[2];
    if (images.count++ == 0 || height < images.height) images.height = height;
  });
  return images;
}

bool holds_fields(Span packet, int container_height) {
  const JpegImages images = look_at_jpeg(packet);
  return images.count > 0 && images.height < container_height * 3 / 4;
}

MissingParts missing_parts(Span packet) {
  Parts parts;
  for_each_marker(packet, [&](uint8_t marker, Span segment) { parts.see(marker, segment); });
  return parts.missing();
}

HuffmanTables read_tables(Span packet) {
  HuffmanTables tables;
  for_each_marker(packet, [&](uint8_t marker, Span segment) {
    if (marker == kTables) tables.take(segment);
  });
  return tables;
}

}  // namespace fp::av
