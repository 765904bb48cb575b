#include "hevc_pictures.h"

#include <algorithm>
#include <array>

namespace fp::av {

namespace {

// H.265, table 7-1.
constexpr int kSkippedLeading = 8;
constexpr int kFirstRandomAccess = 16;
constexpr int kCleanRandomAccess = 21;
constexpr int kLastRandomAccess = 23;
constexpr int kFirstOther = 32;
constexpr int kEndOfSequence = 36;
constexpr int kEndOfStream = 37;

int type_of(Span unit) { return unit.data[0] >> 1 & 0x3f; }

/// Of the layer that is decoded.
bool is_base_layer(Span unit) { return unit.size > 1 && (unit.data[0] & 1) == 0 && unit.data[1] >> 3 == 0; }

bool is_end(int type) { return type == kEndOfSequence || type == kEndOfStream; }

}  // namespace

HevcPictures::HevcPictures(const AVCodecParameters& parameters) : hevc_(parameters.codec_id == AV_CODEC_ID_HEVC) {
  if (!hevc_) return;
  length_size_ = hevc_length_size(Span{parameters.extradata, static_cast<size_t>(parameters.extradata_size)});
}

/// An end of sequence is the last unit of its packet, but for zeros.
bool HevcPictures::ends_sequence(Span packet) const {
  size_t end = packet.size;
  while (end > 0 && packet.data[end - 1] == 0) end--;
  const auto prefix = static_cast<size_t>(length_size_ > 0 ? length_size_ : 3);
  if (end < prefix + 2 || !is_end(type_of(Span{packet.data + end - 2, 2}))) return false;
  const uint8_t* before = packet.data + end - 2 - prefix;
  const bool zeros = std::all_of(before, before + prefix - 1, [](uint8_t byte) { return byte == 0; });
  return zeros && before[prefix - 1] == (length_size_ > 0 ? 2 : 1);
}

bool HevcPictures::decodes(Span packet) {
  if (!hevc_) return false;
  int picture = -1;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = type_of(unit);
    if (is_end(type)) begins_ = true;
    if (type < kFirstOther && is_base_layer(unit)) picture = type;
    return picture < 0;
  });
  // Until a random access point comes, those that lead none too.
  if (begins_) passes_over_ = true;
  if (picture >= kFirstRandomAccess && picture <= kLastRandomAccess) {
    passes_over_ = begins_ || picture != kCleanRandomAccess;
    begins_ = false;
  }
  const bool leads = picture == kSkippedLeading || picture == kSkippedLeading + 1;
  if (ends_sequence(packet)) begins_ = true;
  return picture >= 0 && !(leads && passes_over_);
}

}  // namespace fp::av
