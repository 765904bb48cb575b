// H.264 and HEVC NAL units, length-prefixed (avcC, hvcC) or Annex B.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fp::av {

struct Span {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/// Calls `visit(Span)` with each NAL unit of an Annex B buffer, start codes removed. Stops when it returns false, or
/// `goes_on(Span)`, which is asked at the begin of each with all that follows.
template <typename Visit, typename GoesOn>
void for_each_annexb_nal(Span buffer, Visit visit, GoesOn goes_on) {
  size_t begin = 0;
  bool inside = false;
  for (size_t i = 0; i + 3 <= buffer.size; i++) {
    if (buffer.data[i] != 0 || buffer.data[i + 1] != 0 || buffer.data[i + 2] != 1) continue;
    if (inside && i > begin && !visit(Span{buffer.data + begin, i - begin})) return;
    begin = i + 3;
    inside = true;
    i += 2;
    if (begin < buffer.size && !goes_on(Span{buffer.data + begin, buffer.size - begin})) return;
  }
  if (inside && buffer.size > begin) visit(Span{buffer.data + begin, buffer.size - begin});
}

template <typename Visit>
void for_each_annexb_nal(Span buffer, Visit visit) {
  for_each_annexb_nal(buffer, visit, [](Span) { return true; });
}

/// The same for units that are preceded by their big-endian length of `length_size` bytes.
template <typename Visit>
void for_each_prefixed_nal(Span buffer, int length_size, Visit visit) {
  size_t at = 0;
  while (at + static_cast<size_t>(length_size) < buffer.size) {
    size_t size = 0;
    for (int i = 0; i < length_size; i++) size = size << 8 | buffer.data[at++];
    if (size > buffer.size - at) return;
    if (size > 0 && !visit(Span{buffer.data + at, size})) return;
    at += size;
  }
}

/// Each unit of a packet until the visitor has seen enough, which it may tell by a unit's first bytes: looking for the
/// end of one would mean reading all of it. `length_size`: of the prefix before each, 0 for Annex B.
template <typename Visit>
void for_each_nal_begin(Span packet, int length_size, Visit visit) {
  if (length_size > 0) {
    for_each_prefixed_nal(packet, length_size, visit);
  } else {
    for_each_annexb_nal(
        packet, [](Span) { return true; }, visit);
  }
}

/// The parameter sets of an out-of-band header: avcC (ISO/IEC 14496-15, 5.3.3.1.2), hvcC (8.3.3.1.2) or Annex B.
template <typename Visit>
void for_each_parameter_set(Span extradata, bool hevc, Visit visit) {
  if (extradata.size < 7 || extradata.data[0] != 1) return for_each_annexb_nal(extradata, visit);
  size_t at = hevc ? 22 : 5;
  const auto byte = [&] { return at < extradata.size ? extradata.data[at++] : 0; };
  const auto units = [&](size_t count) {
    for (; count > 0; count--) {
      const size_t high = byte();
      const size_t size = high << 8 | byte();
      if (size == 0 || at >= extradata.size || size > extradata.size - at) return false;
      if (!visit(Span{extradata.data + at, size})) return false;
      at += size;
    }
    return true;
  };
  if (!hevc) {
    if (units(byte() & 0x1f)) units(byte());
    return;
  }
  for (int arrays = byte(); arrays > 0; arrays--) {
    byte();
    const size_t high = byte();
    if (!units(high << 8 | byte())) return;
  }
}

/// How H.264 NAL units are laid out, and the sequence parameter sets of the out-of-band header.
struct H264Header {
  int length_size = 0;  ///< of the prefix before each unit; 0: Annex B
  std::vector<Span> sequences;
};

H264Header h264_header(Span extradata);

/// Bytes of a NAL unit's length as hvcC states them (ISO/IEC 14496-15, 8.3.3.1.2); 0: Annex B.
int hevc_length_size(Span extradata);

}  // namespace fp::av
