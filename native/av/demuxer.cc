#include "demuxer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codec_list.h"
#include "error.h"
#include "header_check.h"
#include "mp4_tables.h"
#include "png_head.h"

namespace fp::av {

namespace {

/// How many samples of a packet's sound are left out: four bytes for those at its begin, four for those at its end, ...
constexpr size_t kSkipBytes = 10;

int refuse_io_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EACCES); }

int interrupted(void* opaque) { return static_cast<Cancel*>(opaque)->requested() ? 1 : 0; }

bool has_name(const AVInputFormat& format, const char* name) { return av_match_list(format.name, name, ',') > 0; }

/// Wherever reading begins, the packets from there on are those that reading from the start would have come to, but for
/// their times.
bool begins_anywhere(const AVInputFormat& format) {
  return av_match_name(format.name, "h264,hevc,h263,h261,m4v,mpegvideo,mpeg,yuv4mpegpipe,dv") > 0;
}

/// What a person would say of bytes that no demuxer wants.
std::string first_impression(ByteSource& source) {
  if (source.size() == 0) return "it is empty";
  std::array<uint8_t, 512> head{};
  const int count = source.read(0, head.data(), static_cast<int>(head.size()));
  if (count <= 0 || count > static_cast<int>(head.size())) throw_read_failure(count < 0 ? count : AVERROR_EOF);
  if (count >= 7 && std::memcmp(head.data(), "#EXTM3U", 7) == 0) return "it is a playlist, which is never followed";
  const auto text = std::count_if(head.begin(), head.begin() + count, [](uint8_t byte) {
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  });
  const bool zeros = std::all_of(head.begin(), head.begin() + count, [](uint8_t byte) { return byte == 0; });
  if (zeros) return "the first bytes are zeros";
  return text == count ? "the first bytes look like text" : "no known container starts like this";
}

Colour colour_of(const AVCodecParameters& par) {
  return {par.color_space, par.color_range, par.color_primaries, par.color_trc};
}

void set_colour(AVCodecParameters& par, const Colour& colour) {
  par.color_space = colour.space;
  par.color_range = colour.range;
  par.color_primaries = colour.primaries;
  par.color_trc = colour.transfer;
}

/// Its decoder notices that a picture is missing which another one refers to.
bool numbers_pictures(AVCodecID codec) { return codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC; }

/// A format that scores less may be a mere coincidence of a few bytes.
constexpr int kSureScore = AVPROBE_SCORE_EXTENSION;

}  // namespace

Demuxer::Demuxer(ByteSource& source, const DemuxerOptions& options, const Cancel& cancel)
    : source_(source), options_(options), cancel_(cancel) {
  open();
}

void Demuxer::set_cancel(const Cancel& cancel) {
  cancel_ = cancel;
  if (io_) io_->set_cancel(cancel);
}

/// After every call into libavformat: a read that failed is the call's failure, whatever FFmpeg makes of it. The
/// container is closed, since what it holds may rest on the bytes that did not come.
void Demuxer::expect_read(int result) {
  const int failure = io_->failure();
  const bool cancelled = cancel_.requested() || result == AVERROR_EXIT || failure == AVERROR_EXIT;
  if (failure == 0 && !cancelled) {
    if (result == AVERROR(ENOMEM)) throw Error("E_LIMIT", "it asks for more memory than allowed", result);
    return;
  }
  if (failure != 0) format_.reset();
  if (cancelled) throw Error(kCancelled, "cancelled", AVERROR_EXIT);
  if (failure == kTooManyPrograms) throw Error("E_LIMIT", "more than " + std::to_string(kMostPrograms) + " programs");
  throw_read_failure(failure);
}

void Demuxer::open() {
  if (source_.size() == 0) throw Error("E_UNSUPPORTED_FORMAT", "not a media file: it is empty");
  palette_.clear();
  io_ = std::make_unique<IoContext>(source_);
  io_->set_cancel(cancel_);
  io_->follow(&losses_.emplace());
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) throw Error("E_LIMIT", "out of memory");
  context->pb = io_->get();
  io_->watch(*context);
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->io_open = refuse_io_open;
  context->interrupt_callback = {interrupted, &cancel_};
  format_.reset(context);
  InputFormat* kind = nullptr;
  const int score = av_probe_input_buffer2(context->pb, &kind, "", context, 0, 0);
  expect_read(score);
  const std::string& formats = options_.limits.formats;
  if (score < 0 || (!formats.empty() && av_match_list(kind->name, formats.c_str(), ',') <= 0)) {
    throw Error("E_UNSUPPORTED_FORMAT", "not a media file: " + first_impression(source_), score);
  }
  is_mov_ = has_name(*kind, "mov");
  if (!has_name(*kind, "mpegts")) {
    io_->follow(nullptr);
    losses_.reset();
  }
  if (!tables_checked_) {
    rearranges_sound_ = is_mov_ && check_mp4_tables(source_, options_.limits, cancel_);
    check_header(source_, *context, *kind, options_.limits, cancel_);
  }
  tables_checked_ = true;
  Dictionary dictionary;
  if (!formats.empty()) dictionary.set("format_whitelist", formats.c_str());
  // For those that look into the streams.
  const std::string& decoders = decoder_names(options_.limits);
  if (!decoders.empty()) dictionary.set("codec_whitelist", decoders.c_str());
  // One more, for it to show: FFmpeg's Matroska reader leaves out what is too many, without an error since 9.
  dictionary.set("max_streams", std::min(options_.limits.max_streams, INT32_MAX - 1) + 1);
  // avformat_open_input frees the context when it fails.
  context = format_.release();
  const int result = avformat_open_input(&context, "", kind, dictionary.address());
  format_.reset(context);
  expect_read(result);
  if (result < 0) {
    if (score < kSureScore) {
      throw Error("E_UNSUPPORTED_FORMAT", "not a media file: " + first_impression(source_), result);
    }
    throw Error("E_INVALID_DATA", std::string("the ") + kind->name + " container cannot be read: " + describe(result),
                result);
  }
  if (format_->nb_streams > static_cast<unsigned>(options_.limits.max_streams)) {
    throw Error("E_LIMIT", "more than " + std::to_string(options_.limits.max_streams) + " streams");
  }
  const AVInputFormat& input = *format_->iformat;
  // The sample table says all that a parser would of pictures; parsers would need the media.
  if (is_mov_ && options_.kind == AVMEDIA_TYPE_VIDEO) format_->flags |= AVFMT_FLAG_NOPARSE;
  counts_times_ = has_name(input, "mxf") || has_name(input, "avi");
  if (has_name(input, "mpegts")) {
    seeking_ = Seeking::kByte;
  } else if (has_name(input, "mov") || has_name(input, "matroska") || has_name(input, "avi") ||
             has_name(input, "flv") || has_name(input, "asf") || has_name(input, "ogg") || has_name(input, "mxf") ||
             has_name(input, "nut") || has_name(input, "ivf")) {
    seeking_ = Seeking::kTimestamp;
  } else if (begins_anywhere(input)) {
    seeking_ = Seeking::kPosition;
  } else {
    seeking_ = Seeking::kNone;
  }
  choose_stream();
  add_seek_points();
}

bool Demuxer::needs_stream_info() const {
  if (options_.kind == AVMEDIA_TYPE_UNKNOWN) return true;
  if ((format_->ctx_flags & AVFMTCTX_NOHEADER) != 0 || format_->nb_streams == 0) return true;
  if (options_.kind == AVMEDIA_TYPE_AUDIO) return needs_sound_info();
  int videos = 0;
  for (unsigned i = 0; i < format_->nb_streams; i++) {
    const AVStream& stream = *format_->streams[i];
    const AVCodecParameters& par = *stream.codecpar;
    if (par.codec_type == AVMEDIA_TYPE_UNKNOWN) return true;
    if (par.codec_type != AVMEDIA_TYPE_VIDEO) continue;
    videos++;
    if (par.codec_id == AV_CODEC_ID_NONE || par.width <= 0 || par.height <= 0) return true;
    // Packet durations come from the frame rate where the container does not state them.
    if (!is_mov_ && stream.avg_frame_rate.num == 0) return true;
    // Without an out-of-band header, the decoder's reordering depth is learnt from the pictures.
    const AVCodecDescriptor* codec = avcodec_descriptor_get(par.codec_id);
    const bool reorders = codec != nullptr && (codec->props & AV_CODEC_PROP_REORDER) != 0;
    if (!is_mov_ && reorders && par.extradata_size == 0) return true;
  }
  // Which one is best depends on how many pictures each shows.
  return videos > 1 && !is_mov_;
}

/// Only MP4 states what can be relied on; which of several tracks is best takes a look at the media.
bool Demuxer::needs_sound_info() const {
  int sounds = 0;
  for (unsigned i = 0; i < format_->nb_streams; i++) {
    const AVCodecParameters& par = *format_->streams[i]->codecpar;
    if (par.codec_type != AVMEDIA_TYPE_AUDIO) continue;
    sounds++;
    if (par.codec_id == AV_CODEC_ID_NONE || par.sample_rate <= 0 || channel_count(par) <= 0) return true;
  }
  return !is_mov_ || sounds > 1;
}

/// FFmpeg's idea of the best stream counts covers as films: one that is marked as the default is better than a film
/// that is not.
int Demuxer::best_stream() const {
  std::vector<AVCodecParameters*> attached;
  bool has_film = false;
  for (unsigned i = 0; i < format_->nb_streams; i++) {
    const AVStream& stream = *format_->streams[i];
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO) continue;
    if (is_attached(stream)) {
      attached.push_back(stream.codecpar);
    } else {
      has_film = true;
    }
  }
  if (!has_film) attached.clear();
  for (AVCodecParameters* par : attached) par->codec_type = AVMEDIA_TYPE_ATTACHMENT;
  const int best = av_find_best_stream(format_.get(), options_.kind, -1, -1, nullptr, 0);
  for (AVCodecParameters* par : attached) par->codec_type = AVMEDIA_TYPE_VIDEO;
  return best;
}

void Demuxer::choose_stream() {
  // Of variable frame rate, FFmpeg would go through many pictures for the rate that the tables tell anyway.
  if (options_.kind == AVMEDIA_TYPE_UNKNOWN && is_mov_) format_->fps_probe_size = 0;
  std::vector<Colour> stated;
  for (unsigned i = 0; i < format_->nb_streams; i++) stated.push_back(colour_of(*format_->streams[i]->codecpar));
  informed_ = thorough_ || needs_stream_info();
  if (informed_) {
    if (has_name(*format_->iformat, "png_pipe"))
      read_png_head(source_, options_.limits, *format_->streams[0]->codecpar);
    const int result = avformat_find_stream_info(format_.get(), nullptr);
    expect_read(result);
    check(result, "E_INVALID_DATA", "cannot learn what the streams are");
  }
  if (options_.kind == AVMEDIA_TYPE_UNKNOWN) return;
  const auto count = static_cast<int>(format_->nb_streams);
  if (options_.stream_index >= 0) {
    if (options_.stream_index >= count) {
      throw Error("E_NO_STREAM", "there is no stream " + std::to_string(options_.stream_index) + ": the file has " +
                                     std::to_string(count));
    }
    if (format_->streams[options_.stream_index]->codecpar->codec_type != options_.kind) {
      throw Error("E_NO_STREAM", "stream " + std::to_string(options_.stream_index) + " is not " +
                                     (options_.kind == AVMEDIA_TYPE_AUDIO ? "an audio" : "a video") + " stream");
    }
    stream_index_ = options_.stream_index;
  } else {
    stream_index_ = best_stream();
    if (stream_index_ < 0) {
      throw Error("E_NO_STREAM",
                  std::string("there is no ") + av_get_media_type_string(options_.kind) + " stream in it");
    }
  }
  if (losses_) losses_->watch(stream().id);
  AVCodecParameters& par = *stream().codecpar;
  colour_ = colour_of(par);
  // Of later pictures' colour, which FFmpeg looked into, the decoder would label earlier ones: with another pixel
  // format.
  if (par.codec_id == AV_CODEC_ID_H264) {
    const auto at = static_cast<size_t>(stream_index_);
    set_colour(par, at < stated.size() ? stated[at] : Colour{});
  }
  for (int i = 0; i < count; i++) {
    format_->streams[i]->discard = i == stream_index_ ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

bool Demuxer::read(AVPacket& packet) {
  if (!unread_.empty()) {
    av_packet_move_ref(&packet, unread_.front().get());
    unread_.pop_front();
    return true;
  }
  for (int idle = 0; idle < 1000;) {
    av_packet_unref(&packet);
    cancel_.throw_if_requested();
    const int result = av_read_frame(format_.get(), &packet);
    expect_read(result);
    if (result == AVERROR(EAGAIN)) {
      idle++;
      continue;
    }
    if (result < 0) {
      read_error_ = result == AVERROR_EOF ? 0 : result;
      return false;
    }
    if (packet.stream_index == stream_index_ && packet.size > 0) {
      carry_palette(packet);
      restore_end(packet);
      mark_losses(packet);
      return true;
    }
  }
  read_error_ = AVERROR(EAGAIN);
  return false;
}

/// FFmpeg 9 ends an MP4's sound after the track's duration, counted from 0: where it begins later, behind an empty
/// edit, as much would be cut off.
void Demuxer::restore_end(AVPacket& packet) {
  const AVStream& own = stream();
  const AVCodecParameters& par = *own.codecpar;
  size_t size = 0;
  const uint8_t* told = side_data_of(packet, AV_PKT_DATA_SKIP_SAMPLES, size);
  if (!is_mov_ || par.sample_rate <= 0 || told == nullptr || size != kSkipBytes) return;
  if (own.start_time <= 0 || own.duration <= 0 || packet.pts == AV_NOPTS_VALUE) return;
  const auto samples = [&](int64_t time) { return av_rescale_q(time, own.time_base, {1, par.sample_rate}); };
  const int64_t length = std::max<int64_t>(par.frame_size, samples(packet.duration));
  const int64_t beyond =
      av_sat_sub64(av_sat_add64(samples(packet.pts), length), samples(av_sat_add64(own.start_time, own.duration)));
  const int64_t cut = AV_RL32(told + 4);
  if (cut == 0 || beyond >= cut) return;
  std::array<uint8_t, kSkipBytes> copy{};
  std::copy_n(told, kSkipBytes, copy.begin());
  AV_WL32(copy.data() + 4, static_cast<uint32_t>(std::max<int64_t>(beyond, 0)));
  uint8_t* target = add_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, kSkipBytes);
  if (target == nullptr) throw Error("E_LIMIT", "out of memory");
  std::copy(copy.begin(), copy.end(), target);
}

/// FFmpeg's own flag of a transport stream is set one picture too early; most other readers set it at the end, where
/// they ask for more than there is.
void Demuxer::mark_losses(AVPacket& packet) {
  packet.flags &= ~AV_PKT_FLAG_CORRUPT;
  if (!losses_) return;
  // Of the pictures in one PES packet, the first one tells where it is.
  const bool begins = packet.pos >= 0;
  if (begins) pes_ = packet.pos;
  if (losses_->within(pes_)) packet.flags |= AV_PKT_FLAG_CORRUPT;
  // Times are rounded.
  const int64_t next = av_sat_add64(last_dts_, last_duration_ + last_duration_ / 2);
  const bool goes_on = last_dts_ != AV_NOPTS_VALUE && packet.dts > last_dts_ && packet.dts <= next;
  if (begins && losses_->before(pes_) && !goes_on && !numbers_pictures(stream().codecpar->codec_id)) {
    packet.opaque = this;
  }
  last_dts_ = packet.dts;
  last_duration_ = std::clamp<int64_t>(packet.duration, 0, INT32_MAX);
}

/// Demuxers hand out a palette once; whoever begins with a later packet needs it too.
void Demuxer::carry_palette(AVPacket& packet) {
  const uint8_t* palette = palette_of(packet);
  if (palette != nullptr) {
    palette_.assign(palette, palette + AVPALETTE_SIZE);
  } else if (!palette_.empty()) {
    put_palette(packet);
  }
}

/// In the place of the packet's own, if it has one.
void Demuxer::put_palette(AVPacket& packet) const {
  uint8_t* copy = add_side_data(packet, AV_PKT_DATA_PALETTE, AVPALETTE_SIZE);
  if (copy == nullptr) throw Error("E_LIMIT", "out of memory");
  std::copy(palette_.begin(), palette_.end(), copy);
}

void Demuxer::set_palette(const std::vector<uint8_t>& palette) {
  palette_ = palette;
  if (palette_.empty() || unread_.empty()) return;
  // It was read when another one was known.
  put_palette(*unread_.front());
}

void Demuxer::unread(AVPacket& packet) {
  Packet kept(av_packet_alloc());
  if (!kept) throw Error("E_LIMIT", "out of memory");
  av_packet_move_ref(kept.get(), &packet);
  unread_.push_front(std::move(kept));
}

/// What comes next does not follow what came last.
void Demuxer::leave() {
  unread_.clear();
  read_error_ = 0;
  pes_ = -1;
  last_dts_ = AV_NOPTS_VALUE;
}

bool Demuxer::seek(int stream, int64_t target, int flags) {
  leave();
  const int result = av_seek_frame(format_.get(), stream, target, flags);
  expect_read(result);
  return result >= 0;
}

bool Demuxer::seek_timestamp(int64_t timestamp) { return seek(stream_index_, timestamp, AVSEEK_FLAG_BACKWARD); }

bool Demuxer::seek_byte(int64_t position) { return seek(-1, position, AVSEEK_FLAG_BYTE); }

/// The table of an MP4 is all there is.
std::vector<SeekPoint> Demuxer::found_seek_points() {
  std::vector<SeekPoint> points;
  const int count = avformat_index_get_entries_count(&stream());
  if (is_mov_ || seeking_ != Seeking::kTimestamp || count <= entries_at_open_) return points;
  for (int i = 0; i < count; i++) {
    const AVIndexEntry& entry = *avformat_index_get_entry(&stream(), i);
    // Of what was cut off, cues may still tell.
    const bool is_there = entry.pos >= 0 && entry.pos < source_.size();
    if (is_there && (entry.flags & AVINDEX_KEYFRAME) != 0) points.push_back({entry.timestamp, entry.pos});
  }
  return points;
}

void Demuxer::use_seek_points(std::vector<SeekPoint> points) {
  seek_points_ = std::move(points);
  if (is_open()) add_seek_points();
}

void Demuxer::add_seek_points() {
  // Whoever only wants to know what there is has chosen none.
  if (stream_index_ < 0) return;
  entries_at_open_ = avformat_index_get_entries_count(&stream());
  for (const SeekPoint& point : seek_points_) {
    av_add_index_entry(&stream(), point.position, point.time, 0, 0, AVINDEX_KEYFRAME);
  }
}

bool Demuxer::inform() {
  if (informed_) return false;
  thorough_ = true;
  options_.stream_index = stream_index_;
  reopen();
  return true;
}

void Demuxer::reopen() {
  leave();
  format_.reset();
  io_.reset();
  try {
    open();
  } catch (...) {
    format_.reset();
    throw;
  }
}

}  // namespace fp::av
