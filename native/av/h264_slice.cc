#include "h264_slice.h"

#include "bit_reader.h"

namespace fp::av {

bool read_h264_slice(Span unit, const H264Sps& sequence, H264Slice& slice) {
  if (unit.size < 2) return false;
  slice = H264Slice{};
  slice.idr = (unit.data[0] & 0x1f) == 5;
  slice.reference = (unit.data[0] & 0x60) != 0;
  BitReader bits(unit.data + 1, unit.size - 1, true);
  slice.begins_picture = bits.golomb() == 0;
  bits.golomb();
  bits.golomb();
  if (sequence.separate_planes) bits.bits(2);
  slice.frame_number = bits.bits(static_cast<int>(sequence.frame_num_bits));
  if (!sequence.frames_only) slice.field = bits.bit() != 0;
  if (slice.field) slice.bottom = bits.bit() != 0;
  if (slice.idr) bits.golomb();
  if (sequence.order_kind == 0) slice.order = bits.bits(static_cast<int>(sequence.order_bits));
  return !bits.overrun();
}

}  // namespace fp::av
