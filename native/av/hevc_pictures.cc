#include "hevc_pictures.h"

#include <algorithm>

namespace fp::av {

namespace {

/// Of the layer that is decoded.
bool is_base_layer(Span unit) { return unit.size > 1 && (unit.data[0] & 1) == 0 && unit.data[1] >> 3 == 0; }

bool is_end(int type) { return type == hevc_unit::kEndOfSequence || type == hevc_unit::kEndOfStream; }

}  // namespace

/// An end of sequence is the last unit of its packet, but for zeros.
bool HevcPictures::ends_sequence(Span packet) const {
  size_t end = packet.size;
  while (end > 0 && packet.data[end - 1] == 0) end--;
  const bool prefixed = units_.length_size() > 0;
  const auto prefix = static_cast<size_t>(prefixed ? units_.length_size() : 3);
  if (end < prefix + 2 || !is_end(units_.type_of(Span{packet.data + end - 2, 2}))) return false;
  const uint8_t* before = packet.data + end - 2 - prefix;
  const bool zeros = std::all_of(before, before + prefix - 1, [](uint8_t byte) { return byte == 0; });
  return zeros && before[prefix - 1] == (prefixed ? 2 : 1);
}

HevcPictures::Picture HevcPictures::next(Span packet) {
  Picture picture;
  if (!units_.is_hevc()) return picture;
  units_.each(packet, [&](int type, Span rest) {
    if (is_end(type)) begins_ = true;
    if (!units_.is_slice(type) || !is_base_layer(rest)) return true;
    picture.slice = rest;
    picture.type = type;
    return false;
  });
  picture.begins = begins_;
  // Until a random access point comes, those that lead none too.
  if (begins_) passes_over_ = true;
  if (picture.type >= hevc_unit::kFirstRandomAccess && picture.type <= hevc_unit::kLastRandomAccess) {
    passes_over_ = begins_ || picture.type != hevc_unit::kCleanRandomAccess;
    begins_ = false;
  }
  const bool leads = picture.type == hevc_unit::kRasl || picture.type == hevc_unit::kRasl + 1;
  if (ends_sequence(packet)) begins_ = true;
  picture.decodes = picture.type >= 0 && !(leads && passes_over_);
  return picture;
}

}  // namespace fp::av
