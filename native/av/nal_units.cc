#include "nal_units.h"

#include "bit_reader.h"

namespace fp::av {

namespace {

void skip_scaling_list(BitReader& bits, int size) {
  int last = 8;
  int next = 8;
  for (int i = 0; i < size; i++) {
    if (next != 0) next = (last + bits.signed_golomb() + 256) % 256;
    if (next != 0) last = next;
    if (bits.overrun()) return;
  }
}

bool has_chroma_fields(uint32_t profile) {
  constexpr uint32_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  for (const uint32_t with : kProfiles) {
    if (with == profile) return true;
  }
  return false;
}

/// frame_mbs_only_flag of a sequence parameter set (H.264 7.3.2.1.1), `unit` including its one-byte header.
bool sps_frames_only(Span unit) {
  BitReader bits(unit.data + 1, unit.size - 1, true);
  const uint32_t profile = bits.bits(8);
  bits.bits(16);
  bits.golomb();
  if (has_chroma_fields(profile)) {
    const uint32_t chroma = bits.golomb();
    if (chroma == 3) bits.bit();
    bits.golomb();
    bits.golomb();
    bits.bit();
    if (bits.bit() != 0) {
      for (int i = 0; i < (chroma == 3 ? 12 : 8); i++) {
        if (bits.bit() != 0) skip_scaling_list(bits, i < 6 ? 16 : 64);
      }
    }
  }
  bits.golomb();
  const uint32_t order_type = bits.golomb();
  if (order_type == 0) {
    bits.golomb();
  } else if (order_type == 1) {
    bits.bit();
    bits.signed_golomb();
    bits.signed_golomb();
    const uint32_t count = bits.golomb();
    for (uint32_t i = 0; i < count && !bits.overrun(); i++) bits.signed_golomb();
  }
  bits.golomb();
  bits.bit();
  bits.golomb();
  bits.golomb();
  return bits.bit() != 0 && !bits.overrun();
}

void see_sps(H264Layout& layout, Span unit) {
  if (unit.size < 5 || (unit.data[0] & 0x1f) != 7) return;
  const bool frames_only = sps_frames_only(unit);
  layout.frames_only = layout.known ? layout.frames_only && frames_only : frames_only;
  layout.known = true;
}

}  // namespace

H264Layout h264_layout(Span extradata) {
  H264Layout layout;
  if (extradata.size >= 7 && extradata.data[0] == 1) {
    layout.length_size = (extradata.data[4] & 3) + 1;
    const int count = extradata.data[5] & 0x1f;
    size_t at = 6;
    for (int i = 0; i < count && at + 2 <= extradata.size; i++) {
      const size_t size = static_cast<size_t>(extradata.data[at]) << 8 | extradata.data[at + 1];
      at += 2;
      if (size > extradata.size - at) break;
      see_sps(layout, Span{extradata.data + at, size});
      at += size;
    }
    return layout;
  }
  for_each_annexb_nal(extradata, [&](Span unit) {
    see_sps(layout, unit);
    return true;
  });
  return layout;
}

}  // namespace fp::av
