#include "random_access.h"

#include "bit_reader.h"

namespace fp::av {

namespace {

/// A recovery point message, if the supplemental information has one.
bool read_recovery_point(Span unit, RandomAccess& found) {
  constexpr uint32_t kRecoveryPoint = 6;
  BitReader bits(unit.data + 1, unit.size - 1, true);
  // At least a payload of one byte and the bits that end them all must be left.
  for (size_t at = 0; at + 3 < unit.size && !bits.overrun();) {
    uint32_t type = 0;
    uint32_t size = 0;
    for (uint32_t* field : {&type, &size}) {
      uint32_t byte = 0xff;
      for (; byte == 0xff && !bits.overrun(); at++) *field += byte = bits.bits(8);
    }
    if (bits.overrun()) return false;
    if (type == kRecoveryPoint) {
      const uint32_t frames = bits.golomb();
      const bool exact = bits.bit() != 0;
      if (bits.overrun()) return false;
      // Without a picture that stands for itself, "approximately right" is all that is promised.
      found.access = frames == 0 ? Access::kOpen : (exact ? Access::kGradual : Access::kNone);
      found.recovery_frames = static_cast<int>(frames > 0xffff ? 0xffff : frames);
      return true;
    }
    for (uint32_t i = 0; i < size && !bits.overrun(); i++, at++) bits.bits(8);
  }
  return false;
}

/// Of the first picture in an MPEG packet: 1 for I.
int mpeg_picture_type(Span packet, bool part4) {
  int type = 0;
  for_each_annexb_nal(
      packet, [](Span) { return true; },
      [&](Span rest) {
        const bool picture = rest.data[0] == (part4 ? 0xb6 : 0x00);
        if (picture && part4 && rest.size > 1) type = (rest.data[1] >> 6) + 1;
        if (picture && !part4 && rest.size > 2) type = rest.data[2] >> 3 & 7;
        return !picture;
      });
  return type;
}

RandomAccess intra_if(bool intra) { return {intra ? Access::kOpen : Access::kNone, intra, false, 0}; }

}  // namespace

RandomAccessReader::RandomAccessReader(const AVCodecParameters& parameters)
    : codec_(parameters.codec_id),
      shape_{codec_, parameters.width, parameters.height, parameters.bits_per_coded_sample},
      whole_pictures_(fp::av::tells_whole_pictures(codec_)) {
  const Span header{parameters.extradata, static_cast<size_t>(parameters.extradata_size)};
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec_);
  intra_only_ = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  reorders_ = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_REORDER) != 0;
  switch (codec_) {
    case AV_CODEC_ID_H264:
      length_size_ = h264_header(header).length_size;
      tells_ = true;
      break;
    case AV_CODEC_ID_HEVC:
      length_size_ = hevc_length_size(header);
      tells_ = true;
      break;
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
      tells_ = true;
      break;
    default:
      tells_ = whole_pictures_;
      break;
  }
}

bool RandomAccessReader::stands(const AVFrame& frame) const {
  const bool intra = frame.pict_type == AV_PICTURE_TYPE_I;
  if (intra_only_ || whole_pictures_) return true;
  if (tells_) return intra || is_key_frame(frame);
  // Some decoders say of every picture that it is a key picture, others that it is an I picture; who says both knows.
  return intra && is_key_frame(frame);
}

RandomAccess RandomAccessReader::look_h264(Span packet) const {
  constexpr uint32_t kIntra = 2;
  constexpr uint32_t kSwitchingIntra = 4;
  RandomAccess found;
  bool promised = false;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = unit.data[0] & 0x1f;
    if (type == 6 && unit.size > 1) promised = read_recovery_point(unit, found) || promised;
    if (type == 5) found = intra_if(true);
    if (type != 1 && type != 2) return type != 5;
    BitReader bits(unit.data + 1, unit.size - 1, true);
    bits.golomb();
    const uint32_t slice = bits.golomb() % 5;
    found.intra = slice == kIntra || slice == kSwitchingIntra;
    return false;
  });
  if (promised && found.access == Access::kOpen && !found.intra) found.access = Access::kNone;
  return found;
}

RandomAccess RandomAccessReader::look_hevc(Span packet) const {
  RandomAccess found;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = unit.data[0] >> 1 & 0x3f;
    if (type >= 32) return true;
    found = intra_if(type >= 16 && type <= 23);
    found.leads = type == 8 || type == 9;
    return false;
  });
  return found;
}

RandomAccess RandomAccessReader::look(Span packet) const {
  switch (codec_) {
    case AV_CODEC_ID_H264:
      return look_h264(packet);
    case AV_CODEC_ID_HEVC:
      return look_hevc(packet);
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
      return intra_if(mpeg_picture_type(packet, false) == 1);
    case AV_CODEC_ID_MPEG4:
      return intra_if(mpeg_picture_type(packet, true) == 1);
    case AV_CODEC_ID_VP8:
      return intra_if((packet.data[0] & 1) == 0);
    case AV_CODEC_ID_VP9: {
      BitReader bits(packet.data, packet.size, false);
      bits.bits(2);
      const uint32_t low = bits.bit();
      if ((low | bits.bit() << 1) == 3) bits.bit();
      return intra_if(bits.bit() == 0 && bits.bit() == 0);
    }
    default:
      return intra_if(!whole_pictures_ || paints_whole_picture(shape_, packet));
  }
}

bool RandomAccessReader::is_reference(Span packet) const {
  if (codec_ != AV_CODEC_ID_H264) return true;
  bool reference = true;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = unit.data[0] & 0x1f;
    if (type < 1 || type > 5) return true;
    reference = (unit.data[0] & 0x60) != 0;
    return false;
  });
  return reference;
}

bool RandomAccessReader::order_tells_references() const {
  return codec_ == AV_CODEC_ID_MPEG1VIDEO || codec_ == AV_CODEC_ID_MPEG2VIDEO || codec_ == AV_CODEC_ID_MPEG4;
}

bool RandomAccessReader::is_unreferenced(Span packet, int highest_layer) const {
  constexpr int kBetween = 3;
  bool empty = true;
  const bool hevc = codec_ == AV_CODEC_ID_HEVC;
  switch (codec_) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
      for_each_nal_begin(packet, length_size_, [&](Span unit) {
        const int type = hevc ? unit.data[0] >> 1 & 0x3f : unit.data[0] & 0x1f;
        empty = hevc ? type >= 32 : type < 1 || type > 5;
        return empty;
      });
      if (empty || !hevc) return empty || !is_reference(packet);
      return highest_layer >= 0 && unreferenced_layer(packet) == highest_layer;
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
      return mpeg_picture_type(packet, codec_ == AV_CODEC_ID_MPEG4) == kBetween;
    default:
      return intra_only_;
  }
}

int RandomAccessReader::unreferenced_layer(Span packet) const {
  if (codec_ != AV_CODEC_ID_HEVC) return -1;
  int layer = -1;
  bool plain = true;
  for_each_nal_begin(packet, length_size_, [&](Span unit) {
    const int type = unit.data[0] >> 1 & 0x3f;
    // Beside delimiters, filler and supplemental information, nothing may be left out with the picture.
    plain = type < 16 ? type % 2 == 0 && unit.size > 1 : type == 35 || (type >= 38 && type <= 40);
    if (plain && type < 16) layer = (unit.data[1] & 7) - 1;
    return plain;
  });
  return plain ? layer : -1;
}

}  // namespace fp::av
