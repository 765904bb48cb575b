#include "stream_info.h"

#include <cmath>
#include <limits>

#include "bit_reader.h"
#include "codec_list.h"
#include "decoder.h"
#include "display_orientation.h"
#include "error.h"
#include "h264_sps.h"
#include "light_levels.h"
#include "packet_inspector.h"

namespace fp::av {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// What only the pictures' own headers tell.
struct PictureFacts {
  AVPixelFormat format;
  int width;
  int height;
  AVColorSpace space;
  AVColorRange range;
  AVColorPrimaries primaries;
  AVColorTransferCharacteristic transfer;
  AVRational aspect;
};

PictureFacts facts_of(const AVCodecParameters& par, const Colour& colour) {
  return {static_cast<AVPixelFormat>(par.format),
          par.width,
          par.height,
          colour.space,
          colour.range,
          colour.primaries,
          colour.transfer,
          par.sample_aspect_ratio};
}

/// What the header says of the colour wins where the pictures leave it open.
template <typename T>
T pick(T from_picture, T from_header, T unspecified) {
  return from_picture == unspecified ? from_header : from_picture;
}

void merge(PictureFacts& facts, const PictureFacts& seen) {
  if (seen.format != AV_PIX_FMT_NONE) facts.format = seen.format;
  if (seen.width > 0 && seen.height > 0) {
    facts.width = seen.width;
    facts.height = seen.height;
  }
  facts.space = pick(seen.space, facts.space, AVCOL_SPC_UNSPECIFIED);
  facts.range = pick(seen.range, facts.range, AVCOL_RANGE_UNSPECIFIED);
  facts.primaries = pick(seen.primaries, facts.primaries, AVCOL_PRI_UNSPECIFIED);
  facts.transfer = pick(seen.transfer, facts.transfer, AVCOL_TRC_UNSPECIFIED);
  if (seen.aspect.num > 0) facts.aspect = seen.aspect;
}

PictureFacts facts_of(const AVCodecContext& context) {
  return {context.pix_fmt,     context.width,           context.height,    context.colorspace,
          context.color_range, context.color_primaries, context.color_trc, context.sample_aspect_ratio};
}

/// VP9 bitstream specification, 6.2 and 7.2: uncompressed header of a key frame.
bool read_vp9_header(const AVPacket& packet, PictureFacts& facts) {
  BitReader bits(packet.data, static_cast<size_t>(packet.size), false);
  if (bits.bits(2) != 2) return false;
  const uint32_t low = bits.bit();
  const uint32_t profile = low | bits.bit() << 1;
  if (profile == 3) bits.bit();
  if (bits.bit() != 0 || bits.bit() != 0) return false;
  bits.bits(2);
  if (bits.bits(24) != 0x498342) return false;
  const int depth = profile >= 2 ? (bits.bit() != 0 ? 12 : 10) : 8;
  static constexpr AVColorSpace kSpaces[8] = {AVCOL_SPC_UNSPECIFIED, AVCOL_SPC_BT470BG,   AVCOL_SPC_BT709,
                                              AVCOL_SPC_SMPTE170M,   AVCOL_SPC_SMPTE240M, AVCOL_SPC_BT2020_NCL,
                                              AVCOL_SPC_RESERVED,    AVCOL_SPC_RGB};
  facts.space = kSpaces[bits.bits(3)];
  uint32_t subsampled_x = 1;
  uint32_t subsampled_y = 1;
  if (facts.space == AVCOL_SPC_RGB) return false;
  facts.range = bits.bit() != 0 ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  if (profile % 2 == 1) {
    subsampled_x = bits.bit();
    subsampled_y = bits.bit();
    bits.bit();
  }
  static constexpr AVPixelFormat kFormats[3][4] = {
      {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUV440P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV420P},
      {AV_PIX_FMT_YUV444P10, AV_PIX_FMT_YUV440P10, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV420P10},
      {AV_PIX_FMT_YUV444P12, AV_PIX_FMT_YUV440P12, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV420P12}};
  facts.format = kFormats[(depth - 8) / 2][subsampled_x * 2 + subsampled_y];
  facts.width = static_cast<int>(bits.bits(16)) + 1;
  facts.height = static_cast<int>(bits.bits(16)) + 1;
  return !bits.overrun();
}

/// The out-of-band header, where there is exactly one sequence parameter set and nothing unusual in it.
bool read_h264_header(const AVCodecParameters& par, PictureFacts& facts) {
  const std::vector<Span> sequences = h264_sequences_of(par);
  H264Sps sps{};
  if (sequences.size() != 1 || !parse_h264_sps(sequences.front(), sps)) return false;
  if (sps.format == AV_PIX_FMT_NONE) return false;
  merge(facts, {sps.format, sps.width, sps.height, sps.space, sps.range, sps.primaries, sps.transfer, sps.aspect});
  return true;
}

/// The AV1 parser reads the sequence header into the context.
bool parse_header(const AVStream& stream, const AVPacket& packet, PictureFacts& facts) {
  const ParserContext parser(av_parser_init(stream.codecpar->codec_id));
  const CodecContext context(avcodec_alloc_context3(nullptr));
  if (!parser || !context) return false;
  if (avcodec_parameters_to_context(context.get(), stream.codecpar) < 0) return false;
  parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  uint8_t* unused = nullptr;
  int unused_size = 0;
  av_parser_parse2(parser.get(), context.get(), &unused, &unused_size, packet.data, packet.size, packet.pts, packet.dts,
                   packet.pos);
  if (parser->format < 0) return false;
  PictureFacts seen = facts_of(*context);
  seen.format = static_cast<AVPixelFormat>(parser->format);
  seen.width = parser->width;
  seen.height = parser->height;
  merge(facts, seen);
  return true;
}

bool fits(const PictureFacts& facts, const Limits& limits) {
  return static_cast<int64_t>(facts.width) * facts.height <= limits.max_pixels;
}

/// Lets a decoder see packets until it knows its pixel format and the size. `headers_only`: it leaves the pictures
/// undecoded.
void ask_decoder(Demuxer& demuxer, const Limits& limits, LogSink& sink, bool headers_only, PictureFacts& facts) {
  constexpr int kMostPackets = 32;
  Decoder decoder(demuxer.stream(), 1, 0, limits, sink);
  AVCodecContext& context = decoder.context();
  // Of the parameters copied from the header, the size may be the container's own idea; the format is the decoder's.
  if (headers_only) context.skip_frame = AVDISCARD_ALL;
  const Frame frame(av_frame_alloc());
  if (!frame) throw Error("E_LIMIT", "out of memory");
  std::vector<Packet> seen;
  // A size over the limit, which the container claims, the decoder has put aside.
  const auto knows = [&] { return context.pix_fmt != AV_PIX_FMT_NONE && context.width > 0; };
  while (!knows() && seen.size() < kMostPackets) {
    Packet packet(av_packet_alloc());
    if (!packet) throw Error("E_LIMIT", "out of memory");
    if (!demuxer.read(*packet)) break;
    decoder.send(*packet);
    while (decoder.receive(*frame) >= 0) av_frame_unref(frame.get());
    seen.push_back(std::move(packet));
  }
  if (!knows() && !headers_only) {
    decoder.drain();
    while (decoder.receive(*frame) >= 0) av_frame_unref(frame.get());
  }
  for (auto packet = seen.rbegin(); packet != seen.rend(); ++packet) demuxer.unread(**packet);
  if (knows()) merge(facts, facts_of(context));
}

void look_at_first_packet(Demuxer& demuxer, const Limits& limits, LogSink& sink, PictureFacts& facts) {
  const Packet packet(av_packet_alloc());
  if (!packet) throw Error("E_LIMIT", "out of memory");
  if (!demuxer.read(*packet)) return;
  bool known = false;
  bool headers_only = false;
  switch (demuxer.stream().codecpar->codec_id) {
    case AV_CODEC_ID_VP8:
      facts.format = AV_PIX_FMT_YUV420P;
      known = true;
      break;
    case AV_CODEC_ID_VP9:
      known = read_vp9_header(*packet, facts);
      break;
    case AV_CODEC_ID_AV1:
      known = parse_header(demuxer.stream(), *packet, facts);
      break;
    case AV_CODEC_ID_H264:
      known = read_h264_header(*demuxer.stream().codecpar, facts);
      headers_only = true;
      break;
    case AV_CODEC_ID_HEVC:
      headers_only = true;
      break;
    default:
      break;
  }
  demuxer.unread(*packet);
  if (known && fits(facts, limits)) return;
  if (headers_only) ask_decoder(demuxer, limits, sink, true, facts);
  if (facts.format == AV_PIX_FMT_NONE || !fits(facts, limits)) ask_decoder(demuxer, limits, sink, false, facts);
}

double seconds(int64_t time, AVRational base) {
  return time == AV_NOPTS_VALUE ? kUnknown : static_cast<double>(time) * base.num / base.den;
}

std::string text(const char* name) { return name == nullptr ? std::string() : name; }

}  // namespace

StreamInfo read_stream_info(Demuxer& demuxer, const Limits& limits, LogSink& sink) {
  const AVStream& stream = demuxer.stream();
  const AVCodecParameters& par = *stream.codecpar;
  if (par.codec_id == AV_CODEC_ID_NONE) {
    char tag[AV_FOURCC_MAX_STRING_SIZE];
    av_fourcc_make_string(tag, par.codec_tag);
    throw Error("E_UNSUPPORTED_CODEC", std::string("its codec is unknown to this FFmpeg, tag ") + tag);
  }
  static_cast<void>(decoder_for(par.codec_id, limits));
  PictureFacts facts = facts_of(par, demuxer.colour());
  if (facts.format == AV_PIX_FMT_NONE || !fits(facts, limits)) look_at_first_packet(demuxer, limits, sink, facts);
  if (facts.width <= 0 || facts.height <= 0) throw Error("E_INVALID_DATA", "the pictures have no size");
  if (!fits(facts, limits)) {
    throw Error("E_LIMIT", std::to_string(facts.width) + "x" + std::to_string(facts.height) +
                               " pictures are over the limit (limits.maxPixels)");
  }
  const int32_t* matrix = display_matrix(stream);
  const Orientation container_orientation = orientation_of(matrix);
  const std::optional<DisplayMatrix> stated = first_matrix(demuxer, limits, sink);
  if (stated) matrix = stated->data();
  StreamInfo info{};
  info.stream_index = stream.index;
  info.codec = avcodec_get_name(par.codec_id);
  info.container = demuxer.format().iformat->name;
  info.format = facts.format;
  info.pixel_format = text(av_get_pix_fmt_name(facts.format));
  info.coded_width = facts.width;
  info.coded_height = facts.height;
  info.orientation = orientation_of(matrix);
  info.container_orientation = container_orientation;
  info.width = info.orientation.transpose ? facts.height : facts.width;
  info.height = info.orientation.transpose ? facts.width : facts.height;
  info.rotation = matrix == nullptr ? kUnknown : av_display_rotation_get(matrix);
  info.time_base = stream.time_base;
  info.frame_rate = stream.r_frame_rate.num > 0 ? stream.r_frame_rate : stream.avg_frame_rate;
  info.pixel_aspect_ratio = facts.aspect.num > 0 ? facts.aspect : stream.sample_aspect_ratio;
  info.duration_seconds = stream.duration > 0 ? seconds(stream.duration, stream.time_base) : kUnknown;
  info.begin_seconds = seconds(stream.start_time, stream.time_base);
  const int64_t container = demuxer.format().duration;
  info.container_duration_seconds = container > 0 ? static_cast<double>(container) / AV_TIME_BASE : kUnknown;
  info.frames = stream.nb_frames > 0 ? stream.nb_frames : -1;
  info.bit_rate = par.bit_rate > 0 ? par.bit_rate : -1;
  if (is_cover(stream)) {
    // What libavformat says of its time is the sound's.
    info.frames = 1;
    info.frame_rate = {0, 1};
    info.begin_seconds = info.duration_seconds = 0;
  }
  const auto named = [](bool known, const char* name) { return known ? text(name) : std::string(); };
  info.color_primaries = named(facts.primaries != AVCOL_PRI_UNSPECIFIED, av_color_primaries_name(facts.primaries));
  info.color_space = named(facts.space != AVCOL_SPC_UNSPECIFIED, av_color_space_name(facts.space));
  info.color_transfer = named(facts.transfer != AVCOL_TRC_UNSPECIFIED, av_color_transfer_name(facts.transfer));
  info.color_range = named(facts.range != AVCOL_RANGE_UNSPECIFIED, av_color_range_name(facts.range));
  info.peak_luminance = peak_luminance(stream);
  const PacketInspector inspector(par, demuxer.is_mov(), limits);
  info.index_is_cheap = demuxer.is_mov() && inspector.known_codec() && !inspector.needs_media();
  return info;
}

}  // namespace fp::av
