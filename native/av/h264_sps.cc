#include "h264_sps.h"

#include <algorithm>
#include <iterator>

#include "bit_reader.h"
#include "coded_units.h"

namespace fp::av {

namespace {

void skip_scaling_list(BitReader& bits, int size) {
  int last = 8;
  int next = 8;
  for (int i = 0; i < size; i++) {
    // Steps are to be within a byte, but a damaged one is as large as an int.
    if (next != 0) next = static_cast<int>((int64_t{last} + bits.signed_golomb()) & 0xff);
    if (next != 0) last = next;
    if (bits.overrun()) return;
  }
}

bool has_chroma_fields(uint32_t profile) {
  constexpr uint32_t kProfiles[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(kProfiles), std::end(kProfiles), profile) != std::end(kProfiles);
}

void read_picture_order(BitReader& bits, H264Sps& sps) {
  sps.order_kind = bits.golomb();
  if (sps.order_kind == 0) {
    sps.order_bits = std::min(bits.golomb(), 12U) + 4;
  } else if (sps.order_kind == 1) {
    sps.order_is_fixed = bits.bit() != 0;
    bits.signed_golomb();
    bits.signed_golomb();
    const uint32_t count = bits.golomb();
    for (uint32_t i = 0; i < count && !bits.overrun(); i++) bits.signed_golomb();
  }
}

/// As FFmpeg's decoder: what has no name is unspecified.
template <typename T>
T known(uint32_t value, T end, T unspecified, const char* (*name)(T)) {
  if (value >= static_cast<uint32_t>(end)) return unspecified;
  return name(static_cast<T>(value)) == nullptr ? unspecified : static_cast<T>(value);
}

void read_vui(BitReader& bits, H264Sps& sps) {
  if (bits.bit() != 0) {
    constexpr AVRational kAspects[] = {{0, 1},   {1, 1},    {12, 11}, {10, 11}, {16, 11}, {40, 33},
                                       {24, 11}, {20, 11},  {32, 11}, {80, 33}, {18, 11}, {15, 11},
                                       {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1}};
    const uint32_t aspect = bits.bits(8);
    if (aspect == 255) {
      const auto num = static_cast<int>(bits.bits(16));
      const auto den = static_cast<int>(bits.bits(16));
      if (num > 0 && den > 0) av_reduce(&sps.aspect.num, &sps.aspect.den, num, den, INT32_MAX);
    } else if (aspect < std::size(kAspects)) {
      sps.aspect = kAspects[aspect];
    }
  }
  if (bits.bit() != 0) bits.bit();
  if (bits.bit() == 0) return;
  bits.bits(3);
  sps.range = bits.bit() != 0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  if (bits.bit() == 0) return;
  sps.primaries = known(bits.bits(8), AVCOL_PRI_NB, AVCOL_PRI_UNSPECIFIED, av_color_primaries_name);
  sps.transfer = known(bits.bits(8), AVCOL_TRC_NB, AVCOL_TRC_UNSPECIFIED, av_color_transfer_name);
  sps.space = known(bits.bits(8), AVCOL_SPC_NB, AVCOL_SPC_UNSPECIFIED, av_color_space_name);
}

/// libavcodec/h264_slice.c, get_pixel_format.
AVPixelFormat pixel_format(uint32_t chroma, uint32_t depth, bool full, bool rgb) {
  if (depth == 8) {
    if (chroma == 1) return full ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    if (chroma == 2) return full ? AV_PIX_FMT_YUVJ422P : AV_PIX_FMT_YUV422P;
    if (chroma == 3 && !rgb) return full ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUV444P;
  }
  if (depth == 10) {
    if (chroma == 1) return AV_PIX_FMT_YUV420P10;
    if (chroma == 2) return AV_PIX_FMT_YUV422P10;
    if (chroma == 3 && !rgb) return AV_PIX_FMT_YUV444P10;
  }
  return AV_PIX_FMT_NONE;
}

}  // namespace

bool parse_h264_sps(Span unit, H264Sps& sps) {
  sps = {0,
         0,
         0,
         false,
         1,
         false,
         false,
         false,
         AV_PIX_FMT_NONE,
         0,
         0,
         {0, 1},
         AVCOL_RANGE_UNSPECIFIED,
         AVCOL_PRI_UNSPECIFIED,
         AVCOL_TRC_UNSPECIFIED,
         AVCOL_SPC_UNSPECIFIED};
  if (unit.size < 5) return false;
  BitReader bits(unit.data + 1, unit.size - 1, true);
  const uint32_t profile = bits.bits(8);
  bits.bits(16);
  bits.golomb();
  uint32_t chroma = 1;
  uint32_t depth = 8;
  bool one_depth = true;
  if (has_chroma_fields(profile)) {
    chroma = bits.golomb();
    if (chroma == 3) sps.separate_planes = bits.bit() != 0;
    one_depth = !sps.separate_planes;
    depth = 8 + bits.golomb();
    one_depth = one_depth && depth == 8 + bits.golomb();
    bits.bit();
    if (bits.bit() != 0) {
      for (int i = 0; i < (chroma == 3 ? 12 : 8); i++) {
        if (bits.bit() != 0) skip_scaling_list(bits, i < 6 ? 16 : 64);
      }
    }
  }
  sps.chroma_kind = chroma;
  sps.frame_num_bits = std::min(bits.golomb(), 12U) + 4;
  read_picture_order(bits, sps);
  bits.golomb();
  sps.allows_gaps = bits.bit() != 0;
  const uint32_t columns = bits.golomb() + 1;
  const uint32_t rows = bits.golomb() + 1;
  sps.frames_only = bits.bit() != 0;
  if (!sps.frames_only) bits.bit();
  bits.bit();
  const uint32_t field_factor = sps.frames_only ? 1 : 2;
  int64_t width = int64_t{16} * columns;
  int64_t height = int64_t{16} * rows * field_factor;
  if (bits.bit() != 0) {
    const int64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
    const int64_t unit_y = (chroma == 1 ? 2 : 1) * field_factor;
    const int64_t left = bits.golomb();
    const int64_t right = bits.golomb();
    const int64_t top = bits.golomb();
    const int64_t bottom = bits.golomb();
    width -= unit_x * (left + right);
    height -= unit_y * (top + bottom);
  }
  if (bits.bit() != 0) read_vui(bits, sps);
  if (bits.overrun() || width <= 0 || height <= 0 || width > INT32_MAX || height > INT32_MAX) return false;
  sps.width = static_cast<int>(width);
  sps.height = static_cast<int>(height);
  if (one_depth) {
    sps.format = pixel_format(chroma, depth, sps.range == AVCOL_RANGE_JPEG, sps.space == AVCOL_SPC_RGB);
  }
  return true;
}

bool parse_h264_pps(Span unit, H264Pps& pps) {
  if (unit.size < 2) return false;
  BitReader bits(unit.data + 1, unit.size - 1, true);
  pps = {};
  pps.id = bits.golomb();
  bits.golomb();
  bits.bit();
  pps.orders_fields = bits.bit() != 0;
  if (bits.golomb() != 0) return false;
  for (uint32_t& references : pps.references) references = bits.golomb() + 1;
  pps.weighs = bits.bit() != 0;
  pps.weighs_between = bits.bits(2) == 1;
  for (int i = 0; i < 3; i++) bits.golomb();
  bits.bits(2);
  pps.has_redundant = bits.bit() != 0;
  return !bits.overrun();
}

std::vector<Span> h264_sequences_of(const AVCodecParameters& parameters) {
  std::vector<Span> sequences;
  const Span header{parameters.extradata, static_cast<size_t>(parameters.extradata_size)};
  CodedUnits(parameters).each_of_header(header, [&](int type, Span unit) {
    if (type == h264_unit::kSequence) sequences.push_back(unit);
    return true;
  });
  return sequences;
}

}  // namespace fp::av
