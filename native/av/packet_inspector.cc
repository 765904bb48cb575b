#include "packet_inspector.h"

#include <algorithm>

#include "bit_reader.h"
#include "decoder.h"
#include "error.h"
#include "h264_sps.h"
#include "jpeg_images.h"

namespace fp::av {

namespace {

/// A not-coded MPEG-4 picture, the placeholder of a packed B-frame, is at most this long (FFmpeg's
/// mpeg4_unpack_bframes uses the same bound).
constexpr int kMaxPlaceholder = 19;

PacketContent uncertain() {
  PacketContent content;
  content.certain = false;
  return content;
}

/// VP9 bitstream specification, 6.2: is the frame, or the frame it repeats, shown?
bool vp9_frame_shown(Span frame, bool& valid) {
  BitReader bits(frame.data, frame.size, false);
  if (bits.bits(2) != 2) valid = false;
  const uint32_t low = bits.bit();
  const uint32_t profile = low | bits.bit() << 1;
  if (profile == 3) bits.bit();
  if (bits.bit() != 0) return true;
  bits.bit();
  const bool shown = bits.bit() != 0;
  if (bits.overrun()) valid = false;
  return shown;
}

/// Annex B of the VP9 specification: a superframe ends with its index.
PacketContent look_at_vp9(Span packet) {
  bool valid = true;
  int shown = 0;
  const uint8_t marker = packet.data[packet.size - 1];
  const size_t count = (marker & 7U) + 1;
  const size_t magnitude = (marker >> 3 & 3U) + 1;
  const size_t index_size = 2 + magnitude * count;
  if ((marker & 0xe0) == 0xc0 && packet.size >= index_size && packet.data[packet.size - index_size] == marker) {
    const uint8_t* index = packet.data + packet.size - index_size + 1;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
      size_t size = 0;
      for (size_t byte = 0; byte < magnitude; byte++) size |= static_cast<size_t>(*index++) << (8 * byte);
      if (size == 0) continue;
      if (size > packet.size - index_size - at) return uncertain();
      if (vp9_frame_shown(Span{packet.data + at, size}, valid)) shown++;
      at += size;
    }
  } else if (vp9_frame_shown(packet, valid)) {
    shown++;
  }
  if (!valid || shown > 1) return uncertain();
  PacketContent content;
  content.shown = shown == 1;
  return content;
}

/// AV1 bitstream specification, 5.9.2: is the frame whose header begins here, or the one it repeats, shown?
bool av1_frame_shown(Span header) {
  BitReader bits(header.data, header.size, false);
  if (bits.bit() != 0) return true;
  bits.bits(2);
  return bits.bit() != 0 && !bits.overrun();
}

/// 5.3 and 7.5: of the layers of one picture, the decoder shows the highest.
PacketContent look_at_av1(Span packet) {
  constexpr int kSequence = 1;
  constexpr int kFrameHeader = 3;
  constexpr int kFrame = 6;
  int shown = 0;
  bool layered = false;
  bool reduced = false;
  for (size_t at = 0; at < packet.size;) {
    const uint8_t head = packet.data[at++];
    const int type = head >> 3 & 15;
    const bool extended = (head & 4U) != 0;
    if (extended && at < packet.size) layered = (packet.data[at] >> 3 & 3U) != 0 || layered;
    at += extended ? 1 : 0;
    uint64_t size = 0;
    bool whole = (head & 2U) == 0;
    for (unsigned shift = 0; !whole && shift < 56 && at < packet.size; shift += 7) {
      const uint8_t byte = packet.data[at++];
      size |= static_cast<uint64_t>(byte & 0x7fU) << shift;
      whole = (byte & 0x80U) == 0;
    }
    if (!whole || at > packet.size || size > packet.size - at) return uncertain();
    if ((head & 2U) == 0) size = packet.size - at;
    const Span payload{packet.data + at, static_cast<size_t>(size)};
    // A still picture's header is short: it is shown.
    if (type == kSequence && payload.size > 0) reduced = (payload.data[0] & 8U) != 0;
    const bool frame = type == kFrameHeader || type == kFrame;
    if (frame && payload.size > 0 && (reduced || av1_frame_shown(payload))) shown++;
    at += payload.size;
  }
  if (shown > 1 && !layered) return uncertain();
  PacketContent content;
  content.shown = shown > 0;
  return content;
}

/// FNV-1a, to tell one header from another.
uint64_t fingerprint(Span bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes.size; i++) hash = (hash ^ bytes.data[i]) * 0x100000001b3;
  return hash;
}

bool may_have_fields(const std::vector<Span>& sequences) {
  return std::any_of(sequences.begin(), sequences.end(), [](Span unit) {
    H264Sps sps{};
    return !parse_h264_sps(unit, sps) || !sps.frames_only;
  });
}

}  // namespace

/// ISO/IEC 13818-2, 6.2.3: pictures and, for MPEG-2, whether they are fields.
PacketContent PacketInspector::inspect_mpeg12(Span packet) {
  PacketContent content;
  bool same = true;
  int pictures = 0;
  int fields = 0;
  unsigned structure = 3;
  units_.each(packet, [&](int code, Span rest) {
    const Span body = units_.payload_of(rest);
    const uint8_t* data = body.data;
    if (code == 0x00) {
      pictures++;
      content.between = body.size >= 2 && (data[1] >> 3 & 7U) == 3;
    }
    if (code == 0xb3 && body.size >= 4) {
      // The size and the aspect ratio; the frame rate after them may change freely.
      const uint8_t shape[] = {data[0], data[1], data[2], static_cast<uint8_t>(data[3] & 0xf0)};
      same = goes_on(fingerprint(Span{shape, sizeof shape}), sequence_) && same;
    }
    // progressive_sequence
    if (code == 0xb5 && body.size >= 2 && data[0] >> 4 == 1) same = goes_on(data[1] & 8U, extension_) && same;
    if (code == 0xb5 && body.size >= 3 && data[0] >> 4 == 8) {
      structure = data[2] & 3U;
      if (structure != 3) fields++;
    }
    return true;
  });
  if (!same) return uncertain();
  if ((pictures == 1 && fields == 0) || (pictures == 2 && fields == 2)) return content;
  if (pictures != 1 || fields != 1) return uncertain();
  content.structure = structure == 1 ? Structure::kTopField : Structure::kBottomField;
  return content;
}

/// ISO/IEC 14496-2, 6.2.3: video object layers and planes.
PacketContent PacketInspector::inspect_mpeg4(Span packet) {
  PacketContent content;
  bool same = true;
  int pictures = 0;
  units_.each(packet, [&](int code, Span rest) {
    if (code == 0xb6) {
      pictures++;
      content.between = rest.size >= 2 && rest.data[1] >> 6 == 2;
    }
    if (code >= 0x20 && code <= 0x2f) {
      same = goes_on(fingerprint(units_.payload_of(without_zeros(units_.whole(rest)))), sequence_) && same;
    }
    return true;
  });
  return same && pictures == 1 ? content : uncertain();
}

/// A picture of fields is complete with every second one, in whichever packet it comes.
PacketContent PacketInspector::inspect_mjpeg(Span packet) {
  if (first_) needs_media_ = holds_fields(packet, height_);
  first_ = false;
  PacketContent content;
  if (!needs_media_) return content;
  const JpegImages images = look_at_jpeg(packet);
  if (images.count == 2 && top_next_) return content;
  if (images.count != 1 || images.height >= height_) return uncertain();
  content.structure = top_next_ ? Structure::kTopField : Structure::kBottomField;
  top_next_ = !top_next_;
  return content;
}

/// A sample is one picture that is shown, unless the first one's bytes say otherwise: each layer of scalable
/// recordings.
PacketContent PacketInspector::inspect_shown(Span packet) {
  if (!first_ && !needs_media_) return {};
  const PacketContent content = codec_ == AV_CODEC_ID_VP9 ? look_at_vp9(packet) : look_at_av1(packet);
  if (first_) needs_media_ = !sample_table_ || !content.certain || !content.shown;
  first_ = false;
  return content;
}

/// H.265 7.3.1: parameter sets come before the slices.
PacketContent PacketInspector::inspect_hevc(Span packet) {
  bool same = true;
  units_.each_ahead(packet, [&](int type, Span unit) {
    if (type == hevc_unit::kSequence) same = goes_on(fingerprint(without_zeros(unit)), sequence_) && same;
    return true;
  });
  return same ? PacketContent{} : uncertain();
}

/// False: the stream changes its shape here, and pictures may be lost where it does.
bool PacketInspector::goes_on(uint64_t seen, std::optional<uint64_t>& known) {
  if (!known) known = seen;
  return *known == seen;
}

PacketInspector::PacketInspector(const AVCodecParameters& parameters, bool sample_table, const Limits& limits)
    : codec_(parameters.codec_id),
      units_(parameters),
      sample_table_(sample_table),
      height_(claims_too_much(parameters, limits) ? 0 : parameters.height) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec_);
  first_tells_ = codec_ == AV_CODEC_ID_MJPEG || codec_ == AV_CODEC_ID_VP9 || codec_ == AV_CODEC_ID_AV1;
  if (descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0) return;
  switch (codec_) {
    case AV_CODEC_ID_H264: {
      const std::vector<Span> sequences = h264_sequences_of(parameters);
      reorders_ = true;
      needs_media_ = sequences.empty() || may_have_fields(sequences);
      if (needs_media_) {
        parser_.reset(av_parser_init(codec_));
        parser_codec_.reset(avcodec_alloc_context3(nullptr));
        if (!parser_ || !parser_codec_) throw Error("E_LIMIT", "out of memory");
        check(avcodec_parameters_to_context(parser_codec_.get(), &parameters), "E_INVALID_DATA",
              "read the codec header");
        parser_->flags |= PARSER_FLAG_COMPLETE_FRAMES;
      }
      break;
    }
    case AV_CODEC_ID_HEVC:
      reorders_ = true;
      break;
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
      reorders_ = true;
      needs_media_ = true;
      break;
    case AV_CODEC_ID_MPEG4:
      reorders_ = true;
      needs_media_ = !sample_table;
      break;
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
      needs_media_ = !sample_table;
      break;
    case AV_CODEC_ID_VP8:
      needs_media_ = true;
      break;
    case AV_CODEC_ID_H261:
    case AV_CODEC_ID_H263:
    case AV_CODEC_ID_H263P:
    case AV_CODEC_ID_H263I:
    case AV_CODEC_ID_FLV1:
    case AV_CODEC_ID_MSMPEG4V1:
    case AV_CODEC_ID_MSMPEG4V2:
    case AV_CODEC_ID_MSMPEG4V3:
    case AV_CODEC_ID_WMV1:
    case AV_CODEC_ID_WMV2:
    case AV_CODEC_ID_GIF:
    case AV_CODEC_ID_FFV1:
    case AV_CODEC_ID_PNG:
      break;
    default:
      known_ = false;
  }
}

PacketContent PacketInspector::inspect(const AVPacket& packet) {
  const Span bytes = span_of(packet);
  switch (codec_) {
    case AV_CODEC_ID_H264:
      return needs_media_ ? inspect_h264(packet) : PacketContent{};
    case AV_CODEC_ID_HEVC:
      return sample_table_ ? PacketContent{} : inspect_hevc(bytes);
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
      return inspect_mpeg12(bytes);
    case AV_CODEC_ID_MPEG4:
      if (packet.size <= kMaxPlaceholder) return uncertain();
      return sample_table_ ? PacketContent{} : inspect_mpeg4(bytes);
    case AV_CODEC_ID_MJPEG:
      return inspect_mjpeg(bytes);
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
      return inspect_shown(bytes);
    case AV_CODEC_ID_VP8: {
      PacketContent content;
      content.shown = (packet.data[0] >> 4 & 1) != 0;
      return content;
    }
    default:
      return {};
  }
}

PacketContent PacketInspector::inspect_h264(const AVPacket& packet) {
  // Slices that begin at macroblock 0 (first_mb_in_slice, ue(v) 0 is a single 1 bit) begin a picture.
  int pictures = 0;
  units_.each(span_of(packet), [&](int type, Span rest) {
    const bool slice = type == h264_unit::kSlice || type == h264_unit::kIdr;
    if (slice && rest.size > 1 && (rest.data[1] & 0x80) != 0) pictures++;
    return true;
  });
  uint8_t* unused = nullptr;
  int unused_size = 0;
  av_parser_parse2(parser_.get(), parser_codec_.get(), &unused, &unused_size, packet.data, packet.size, packet.pts,
                   packet.dts, packet.pos);
  PacketContent content;
  switch (parser_->picture_structure) {
    case AV_PICTURE_STRUCTURE_FRAME:
      return pictures == 1 ? content : uncertain();
    case AV_PICTURE_STRUCTURE_TOP_FIELD:
    case AV_PICTURE_STRUCTURE_BOTTOM_FIELD:
      if (pictures == 2) return content;
      if (pictures != 1) return uncertain();
      content.structure =
          parser_->picture_structure == AV_PICTURE_STRUCTURE_TOP_FIELD ? Structure::kTopField : Structure::kBottomField;
      return content;
    default:
      return uncertain();
  }
}

}  // namespace fp::av
