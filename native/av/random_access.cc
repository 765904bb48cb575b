#include "random_access.h"

#include "slice_headers.h"
#include "supplemental_messages.h"

namespace fp::av {

namespace {

/// A recovery point message, if the unit has one.
bool read_recovery_point(Span payload, RandomAccess& found) {
  constexpr uint32_t kRecoveryPoint = 6;
  bool read = false;
  for_each_message(payload, [&](uint32_t type, size_t size, BitReader message) {
    if (type != kRecoveryPoint || size == 0) return true;
    const uint32_t frames = message.golomb();
    const bool exact = message.bit() != 0;
    // Without a picture that stands for itself, "approximately right" is all that is promised.
    found.access = frames == 0 ? Access::kOpen : (exact ? Access::kGradual : Access::kNone);
    found.recovery_frames = static_cast<int>(frames > 0xffff ? 0xffff : frames);
    read = true;
    return false;
  });
  return read;
}

/// Its decoder says of every picture whether it is an I picture; FFmpeg 9's says of none that it is a key picture.
bool tells_kind_only(AVCodecID codec) {
  return codec == AV_CODEC_ID_SVQ1 || codec == AV_CODEC_ID_CAVS || codec == AV_CODEC_ID_MIMIC;
}

/// ITU-T H.263, 5.1.3 and 5.1.4. What begins with no header keeps the flag that it has.
bool is_h263_intra(Span packet) {
  constexpr uint32_t kStartCode = 0x20;
  constexpr uint32_t kExtended = 7;
  BitReader bits(packet.data, packet.size, false);
  const bool begins = bits.bits(22) == kStartCode;
  bits.bits(8 + 5);
  const bool extended = bits.bits(3) == kExtended;
  if (extended && bits.bits(3) == 1) bits.bits(18);
  const uint32_t type = extended ? bits.bits(3) : bits.bit();
  return !begins || bits.overrun() || type == 0;
}

RandomAccess intra_if(bool intra) { return {intra ? Access::kOpen : Access::kNone, intra, false, 0}; }

}  // namespace

RandomAccessReader::RandomAccessReader(const AVCodecParameters& parameters)
    : codec_(parameters.codec_id),
      units_(parameters),
      shape_{codec_, parameters.width, parameters.height, parameters.bits_per_coded_sample},
      whole_pictures_(fp::av::tells_whole_pictures(codec_)) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec_);
  intra_only_ = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  reorders_ = descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_REORDER) != 0;
  switch (codec_) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_H263:
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
  return intra && (is_key_frame(frame) || tells_kind_only(codec_));
}

RandomAccess RandomAccessReader::look_h264(Span packet) const {
  RandomAccess found;
  bool promised = false;
  units_.each(packet, [&](int type, Span rest) {
    if (type == h264_unit::kMessages) {
      promised = read_recovery_point(units_.payload_of(units_.whole(rest)), found) || promised;
    }
    if (type == h264_unit::kIdr) found = intra_if(true);
    if (type != h264_unit::kSlice && type != h264_unit::kPartitionA) return type != h264_unit::kIdr;
    found.intra = is_h264_intra(rest);
    return false;
  });
  if (promised && found.access == Access::kOpen && !found.intra) found.access = Access::kNone;
  return found;
}

RandomAccess RandomAccessReader::look_hevc(Span packet) const {
  RandomAccess found;
  units_.each(packet, [&](int type, Span) {
    if (!units_.is_slice(type)) return true;
    found = intra_if(type >= hevc_unit::kFirstRandomAccess && type <= hevc_unit::kLastRandomAccess);
    found.leads = type == hevc_unit::kRasl || type == hevc_unit::kRasl + 1;
    return false;
  });
  return found;
}

/// Of the first picture in an MPEG packet: 1 for I.
int RandomAccessReader::mpeg_picture_type(Span packet) const {
  const bool part4 = units_.syntax() == CodedUnits::Syntax::kMpeg4;
  int type = 0;
  units_.each(packet, [&](int code, Span rest) {
    const bool picture = code == (part4 ? 0xb6 : 0x00);
    if (picture && part4 && rest.size > 1) type = (rest.data[1] >> 6) + 1;
    if (picture && !part4 && rest.size > 2) type = rest.data[2] >> 3 & 7;
    return !picture;
  });
  return type;
}

RandomAccess RandomAccessReader::look(Span packet) const {
  switch (codec_) {
    case AV_CODEC_ID_H264:
      return look_h264(packet);
    case AV_CODEC_ID_HEVC:
      return look_hevc(packet);
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
      return intra_if(mpeg_picture_type(packet) == 1);
    case AV_CODEC_ID_H263:
      return intra_if(is_h263_intra(packet));
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
  if (!units_.is_h264()) return true;
  bool reference = true;
  units_.each(packet, [&](int type, Span rest) {
    if (!units_.is_slice(type)) return true;
    reference = is_h264_reference(rest);
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
  switch (codec_) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
      units_.each(packet, [&](int type, Span) { return empty = !units_.is_slice(type); });
      if (empty || units_.is_h264()) return empty || !is_reference(packet);
      return highest_layer >= 0 && unreferenced_layer(packet) == highest_layer;
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
      return mpeg_picture_type(packet) == kBetween;
    default:
      return intra_only_;
  }
}

int RandomAccessReader::unreferenced_layer(Span packet) const {
  if (!units_.is_hevc()) return -1;
  int layer = -1;
  bool plain = true;
  units_.each(packet, [&](int type, Span rest) {
    const bool sub_layer = type < hevc_unit::kFirstRandomAccess;
    // Beside delimiters, filler and supplemental information, nothing may be left out with the picture.
    plain = sub_layer
                ? type % 2 == 0 && rest.size > 1
                : type == hevc_unit::kDelimiter || (type >= hevc_unit::kFiller && type <= hevc_unit::kMessagesBehind);
    if (plain && sub_layer) layer = (rest.data[1] & 7) - 1;
    return plain;
  });
  return plain ? layer : -1;
}

}  // namespace fp::av
