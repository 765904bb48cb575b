#include "decoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "codec_list.h"
#include "error.h"
#include "heap.h"
#include "jpeg_images.h"
#include "unwritten.h"

namespace fp::av {

namespace {

/// A decoder that has so many errors to report of what it was given does not come to an end.
constexpr int kMostErrors = 1000;

/// A flush has it forget every picture: of libavcodec's decoders, early codecs' do not, or go on in their memory.
bool forgets_pictures(AVCodecID codec) {
  const AVCodecDescriptor* descriptor = avcodec_descriptor_get(codec);
  if (descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_INTRA_ONLY) != 0) return true;
  switch (codec) {
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_H263:
    case AV_CODEC_ID_H263P:
    case AV_CODEC_ID_WMV3:
    case AV_CODEC_ID_VC1:
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
      return true;
    default:
      return false;
  }
}

constexpr int kWord = 4;

bool is_cut_within_word(AVCodecID codec, const AVPacket& packet) {
  return (codec == AV_CODEC_ID_HUFFYUV || codec == AV_CODEC_ID_FFVHUFF) && packet.size % kWord != 0;
}

/// Its decoder copies what there is into memory of its own that nobody cleared; of other formats it refuses such
/// packets.
bool is_cut_short(const AVCodecContext& context, const AVPacket& packet) {
  if (context.codec_id != AV_CODEC_ID_RAWVIDEO) return false;
  const bool is_mono = context.pix_fmt == AV_PIX_FMT_MONOWHITE || context.pix_fmt == AV_PIX_FMT_MONOBLACK;
  if (!is_mono && context.pix_fmt != AV_PIX_FMT_PAL8) return false;
  const int coded = context.bits_per_coded_sample;
  const int bits = is_mono ? 1 : coded == 1 || coded == 2 || coded == 4 ? coded : 8;
  return packet.size < (int64_t{context.width} * bits + 7) / 8 * context.height;
}

/// AVCodecContext::get_buffer2.
int get_marked_buffer(AVCodecContext* context, AVFrame* frame, int flags) {
  const int result = avcodec_default_get_buffer2(context, frame, flags);
  if (result < 0) return result;
  try {
    mark(*frame, context->codec_id);
    PacketLog::hand_out(context->opaque, *frame, context->codec_id);
  } catch (...) {
    return AVERROR(ENOMEM);
  }
  return result;
}

}  // namespace

Decoder::Decoder(const AVStream& stream, int threads, int reorder_depth, const Limits& limits, LogSink& sink,
                 const StreamHead& head, const Colour& past)
    : packets_(sink, threads), units_(*stream.codecpar), hevc_pictures_(*stream.codecpar) {
  const AVCodecParameters& parameters = *stream.codecpar;
  const AVCodec* codec = &decoder_for(parameters.codec_id, limits);
  context_.reset(avcodec_alloc_context3(codec));
  if (!context_) throw Error("E_LIMIT", "out of memory");
  AVCodecContext& context = *context_;
  check(avcodec_parameters_to_context(&context, &parameters), "E_INVALID_DATA", "read the codec header");
  colour_ = {context.colorspace, context.color_range, context.color_primaries, context.color_trc};
  start_colour(past);
  context.opaque = packets_.tag(kNoOrdinal);
  context.pkt_timebase = stream.time_base;
  // Pictures are cropped where the stream says, not where their rows are aligned.
  context.flags |= AV_CODEC_FLAG_UNALIGNED;
  context.thread_count = threads;
  context.max_pixels = limits.max_pixels;
  if (may_leave_unwritten(parameters.codec_id)) {
    context.get_buffer2 = get_marked_buffer;
    allow_calls_from_threads(context);
  }
  if (parameters.codec_id == AV_CODEC_ID_H264) context.has_b_frames = std::max(context.has_b_frames, reorder_depth);
  if (parameters.codec_id == AV_CODEC_ID_HEVC) {
    // Where it brings checksums of its pictures, they are compared; what differs is complained of, and shown.
    context.err_recognition |= AV_EF_CRCCHECK;
    // Newer decoders keep back what refers to a missing picture; it is shown, and damaged.
    context.flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
  }
  // For decoders that open others.
  const std::string& decoders = decoder_names(limits);
  if (!decoders.empty()) av_opt_set(&context, "codec_whitelist", decoders.c_str(), 0);
  // What a container claims may be nonsense: most decoders learn the size from the pictures.
  const bool too_large = claims_too_much(parameters, limits);
  if (too_large) context.width = context.height = context.coded_width = context.coded_height = 0;
  tell(head);
  Dictionary settings;
  // Of FFmpeg's own decoder; others leave it where it is.
  if (x264_build_ >= 0) settings.set("x264_build", x264_build_);
  check(avcodec_open2(&context, codec, settings.address()), too_large ? "E_LIMIT" : "E_UNSUPPORTED_CODEC",
        std::string("open the ") + codec->name + " decoder");
  switch (parameters.codec_id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
      can_skip_ = true;
      break;
    default:
      break;
  }
}

bool is_huge(const AVFrame& frame) {
  const int bytes = av_image_get_buffer_size(static_cast<AVPixelFormat>(frame.format), frame.width, frame.height, 1);
  return bytes < 0 || static_cast<size_t>(bytes) >= kHugePicture;
}

bool threads_change_pictures(AVCodecID codec) {
  return codec == AV_CODEC_ID_MPEG4 || codec == AV_CODEC_ID_THEORA || codec == AV_CODEC_ID_VP3 ||
         codec == AV_CODEC_ID_VP4;
}

bool is_theora_header(AVCodecID codec, const AVPacket& packet) {
  return codec == AV_CODEC_ID_THEORA && packet.size > 0 && (packet.data[0] & 0x80) != 0;
}

bool claims_too_much(const AVCodecParameters& parameters, const Limits& limits) {
  return parameters.width > 0 &&
         av_image_check_size2(static_cast<unsigned>(parameters.width), static_cast<unsigned>(parameters.height),
                              limits.max_pixels, AV_PIX_FMT_NONE, 0, nullptr) < 0;
}

/// H.264's decoder keeps what an earlier header said where a later one says nothing.
void Decoder::start_colour(const Colour& past) {
  if (context_->codec_id != AV_CODEC_ID_H264) return;
  const bool described = past != Colour{AVCOL_SPC_UNSPECIFIED, past.range};
  const Colour& said = described ? past : colour_;
  context_->colorspace = said.space;
  context_->color_primaries = said.primaries;
  context_->color_trc = said.transfer;
  context_->color_range = past.range != AVCOL_RANGE_UNSPECIFIED ? past.range : colour_.range;
}

/// Where only the range changes, H.264's decoder goes on with the format that it chose by the first one: of each
/// picture, the format that a decoder chooses which begins with it.
void Decoder::normalise_format(AVFrame& frame) const {
  if (context_->codec_id != AV_CODEC_ID_H264) return;
  constexpr std::array<std::pair<AVPixelFormat, AVPixelFormat>, 3> kFullRange = {{
      {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P},
      {AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P},
      {AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P},
  }};
  const bool full = frame.color_range == AVCOL_RANGE_JPEG;
  for (const auto& [limited, wide] : kFullRange) {
    if (frame.format == (full ? limited : wide)) {
      frame.format = full ? wide : limited;
      return;
    }
  }
}

void Decoder::tell(const StreamHead& head) {
  AVCodecContext& context = *context_;
  if (context.codec_id == AV_CODEC_ID_H264) x264_build_ = head.x264_build;
  if (context.codec_id == AV_CODEC_ID_MJPEG) tables_ = head.tables.value_or(HuffmanTables());
  keeps_headers_ = context.codec_id == AV_CODEC_ID_MPEG4;
  keeps_picture_ = !forgets_pictures(context.codec_id);
  if (head.headers.empty()) return;
  const auto before = static_cast<size_t>(context.extradata_size);
  const size_t size = before + head.headers.size();
  void* joined = av_realloc(context.extradata, size + AV_INPUT_BUFFER_PADDING_SIZE);
  if (joined == nullptr) throw Error("E_LIMIT", "out of memory");
  context.extradata = static_cast<uint8_t*>(joined);
  context.extradata_size = static_cast<int>(size);
  std::copy(head.headers.begin(), head.headers.end(), context.extradata + before);
  std::memset(context.extradata + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
}

/// Joined recordings may be of several encoders.
void Decoder::note_encoder(const AVPacket& packet) {
  if (is_theora_header(context_->codec_id, packet)) keeps_headers_ = true;
  if (context_->codec_id != AV_CODEC_ID_H264 || (packet.flags & AV_PKT_FLAG_KEY) == 0) return;
  const int build = x264_build_of(packet, units_);
  if (build >= 0 && build != x264_build_) keeps_headers_ = true;
}

int Decoder::send(const AVPacket& packet, int64_t ordinal) {
  fed_ = unanswered_ = true;
  note_encoder(packet);
  last_sent_ = ordinal;
  context_->opaque = packets_.tag(ordinal);
  const Span bytes = span_of(packet);
  const bool decodes = hevc_pictures_.next(bytes).decodes;
  if (kHevcFinished != nullptr && ordinal >= 0 && decodes) packets_.expect(ordinal);
  if ((packet.flags & AV_PKT_FLAG_CORRUPT) != 0 && ordinal >= 0) packets_.complain(ordinal);
  if (context_->codec_id == AV_CODEC_ID_VORBIS) send_vorbis_headers(packet);
  const int result = is_cut_short(*context_, packet)                  ? AVERROR_INVALIDDATA
                     : is_cut_within_word(context_->codec_id, packet) ? send_whole_words(packet)
                     : tables_                                        ? send_jpeg(packet, ordinal)
                                                                      : avcodec_send_packet(context_.get(), &packet);
  note_error(result);
  return result;
}

/// HuffYUV's decoder copies whole words only: what it reads in place of one cut off is an earlier packet's.
int Decoder::send_whole_words(const AVPacket& packet) {
  const Packet whole(av_packet_clone(&packet));
  const int missing = kWord - packet.size % kWord;
  if (!whole || av_grow_packet(whole.get(), missing) < 0) throw Error("E_LIMIT", "out of memory");
  std::memset(whole->data + packet.size, 0, static_cast<size_t>(missing));
  return avcodec_send_packet(context_.get(), whole.get());
}

/// Its decoder keeps the tables of pictures before, even across a flush. A picture that should have its own, since the
/// stream's first one has, is another one by those.
int Decoder::send_jpeg(const AVPacket& packet, int64_t ordinal) {
  const MissingParts missing = missing_parts(span_of(packet));
  if (missing.any || tables_->any_unlike_standard(missing.tables)) packets_.complain(ordinal);
  if (missing.tables.none()) return avcodec_send_packet(context_.get(), &packet);
  const Packet whole(av_packet_clone(&packet));
  if (!whole) throw Error("E_LIMIT", "out of memory");
  put_before(*whole, tables_->segments_of(missing.tables));
  return avcodec_send_packet(context_.get(), whole.get());
}

/// Those of the next part of a chained Ogg are packets of their own, but in FFmpeg 9 they come beside the first packet
/// behind them, each after its size, where Vorbis's decoder does not look: it is sent them as the packets that they
/// were.
void Decoder::send_vorbis_headers(const AVPacket& packet) {
  size_t left = 0;
  const uint8_t* data = side_data_of(packet, AV_PKT_DATA_NEW_EXTRADATA, left);
  constexpr size_t kPrefix = 2;
  while (data != nullptr && left > kPrefix) {
    const size_t size = static_cast<size_t>(data[0]) << 8U | data[1];
    if (size > left - kPrefix) return;
    const Packet header(av_packet_alloc());
    if (!header || av_new_packet(header.get(), static_cast<int>(size)) < 0) throw Error("E_LIMIT", "out of memory");
    std::copy_n(data + kPrefix, size, header->data);
    note_error(avcodec_send_packet(context_.get(), header.get()));
    data += kPrefix + size;
    left -= kPrefix + size;
  }
}

/// Which packet it was is not said: one of those that the threads have.
void Decoder::note_error(int result) {
  if (result >= 0 || result == AVERROR(EAGAIN) || result == AVERROR_EOF || last_sent_ < 0) return;
  for (int64_t back = 0; back < std::max(context_->thread_count, 1) && back <= last_sent_; back++) {
    packets_.complain(last_sent_ - back);
  }
}

void Decoder::drain() { avcodec_send_packet(context_.get(), nullptr); }

int Decoder::receive(AVFrame& frame) {
  const int result = avcodec_receive_frame(context_.get(), &frame);
  note_error(result);
  if (result >= 0) {
    unanswered_ = false;
    normalise_format(frame);
    // Threads of the decoder's hand on their pictures in the order of their packets.
    if (packets_.finish_until(frame.pts)) frame.flags |= AV_FRAME_FLAG_CORRUPT;
  }
  return result;
}

void Decoder::flush() {
  // Decoders with a queue of their own behind libavcodec's keep it beyond a flush (HEVC's since FFmpeg 7.1): what is
  // finished is taken out of it.
  const Frame frame(av_frame_alloc());
  if (!frame) throw Error("E_LIMIT", "out of memory");
  for (int errors = 0; fed_ && errors < kMostErrors;) {
    const int result = receive(*frame);
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) break;
    errors += result < 0 ? 1 : 0;
    av_frame_unref(frame.get());
  }
  fed_ = false;
  last_sent_ = kNoOrdinal;
  avcodec_flush_buffers(context_.get());
  start_colour({});
  packets_.forget();
  hevc_pictures_.restart();
  skip_unreferenced(false);
}

void Decoder::show_unrecovered() {
  if (context_->codec_id == AV_CODEC_ID_H264) context_->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

void Decoder::skip_finish() {
  context_->skip_loop_filter = AVDISCARD_ALL;
  context_->skip_idct = AVDISCARD_ALL;
  // Of pictures that nobody finishes.
  context_->err_recognition &= ~AV_EF_CRCCHECK;
}

void Decoder::skip_unreferenced(bool skip) {
  context_->skip_frame = skip && can_skip_ ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

}  // namespace fp::av
