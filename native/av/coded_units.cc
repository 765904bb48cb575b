#include "coded_units.h"

namespace fp::av {

namespace {

CodedUnits::Syntax syntax_of(AVCodecID codec) {
  switch (codec) {
    case AV_CODEC_ID_H264:
      return CodedUnits::Syntax::kH264;
    case AV_CODEC_ID_HEVC:
      return CodedUnits::Syntax::kHevc;
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
      return CodedUnits::Syntax::kMpeg12;
    case AV_CODEC_ID_MPEG4:
      return CodedUnits::Syntax::kMpeg4;
    default:
      return CodedUnits::Syntax::kNone;
  }
}

}  // namespace

CodedUnits::CodedUnits(const AVCodecParameters& parameters) : syntax_(syntax_of(parameters.codec_id)) {
  use_header(Span{parameters.extradata, static_cast<size_t>(parameters.extradata_size)});
}

void CodedUnits::use_header(Span extradata) {
  length_size_ = 0;
  if (is_h264() && extradata.size >= 7 && extradata.data[0] == 1) length_size_ = (extradata.data[4] & 3) + 1;
  if (is_hevc() && extradata.size >= 23 && extradata.data[0] == 1) length_size_ = (extradata.data[21] & 3) + 1;
}

bool CodedUnits::is_slice(int type) const {
  switch (syntax_) {
    case Syntax::kH264:
      return type >= h264_unit::kSlice && type <= h264_unit::kIdr;
    case Syntax::kHevc:
      return type < hevc_unit::kVideo;
    case Syntax::kMpeg12:
      return type >= 0x01 && type <= 0xaf;
    case Syntax::kMpeg4:
      return type == 0xb6;
    default:
      return true;
  }
}

Span CodedUnits::whole(Span rest) const {
  if (length_size_ > 0) return rest;
  for (size_t i = 1; i + kStartCode <= rest.size; i++) {
    if (rest.data[i] == 0 && rest.data[i + 1] == 0 && rest.data[i + 2] == 1) return {rest.data, i};
  }
  return rest;
}

Span without_zeros(Span unit) {
  while (unit.size > 1 && unit.data[unit.size - 1] == 0) unit.size--;
  return unit;
}

}  // namespace fp::av
