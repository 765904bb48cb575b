#include "slice_headers.h"

#include "coded_units.h"

namespace fp::av {

bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice) {
  BitReader bits(nullptr, 0, true);
  return read_h264_slice(unit, sequence, slice, bits);
}

bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice, BitReader& bits) {
  if (unit.size < 2) return false;
  slice = H264Slice{};
  slice.idr = (unit.data[0] & 0x1f) == h264_unit::kIdr;
  slice.reference = is_h264_reference(unit);
  bits = BitReader(unit.data + 1, unit.size - 1, true);
  slice.begins_picture = bits.golomb() == 0;
  slice.kind = bits.golomb() % 5;
  slice.pictures = bits.golomb();
  if (sequence.separate_planes) bits.bits(2);
  slice.frame_number = bits.bits(static_cast<int>(sequence.frame_num_bits));
  if (!sequence.frames_only) slice.field = bits.bit() != 0;
  if (slice.field) slice.bottom = bits.bit() != 0;
  if (slice.idr) bits.golomb();
  if (sequence.order_kind == 0) slice.order = bits.bits(static_cast<int>(sequence.order_bits));
  return !bits.overrun();
}

bool is_h264_intra(Span unit) {
  constexpr uint32_t kIntra = 2;
  constexpr uint32_t kSwitchingIntra = 4;
  BitReader bits(unit.data + 1, unit.size - 1, true);
  bits.golomb();
  const uint32_t kind = bits.golomb() % 5;
  return kind == kIntra || kind == kSwitchingIntra;
}

bool read_hevc_slice(Span unit, int type, const HevcOrder& headers, HevcSlice& slice) {
  if (unit.size < 4) return false;
  slice = HevcSlice{};
  BitReader bits(unit.data + 2, unit.size - 2, true);
  bits.bit();
  if (type >= hevc_unit::kFirstRandomAccess && type <= hevc_unit::kLastRandomAccess) {
    slice.drops_former = bits.bit() != 0;
  }
  bits.golomb();
  bits.bits(static_cast<int>(headers.extra_bits));
  bits.golomb();
  slice.shown = !headers.states_output || bits.bit() != 0;
  if (headers.separate_planes) bits.bits(2);
  const bool idr = type >= hevc_unit::kFirstIdr && type <= hevc_unit::kLastIdr;
  if (!idr) slice.order = bits.bits(static_cast<int>(headers.order_bits));
  return !bits.overrun();
}

}  // namespace fp::av
