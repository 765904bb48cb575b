#include "audio_stream.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "error.h"

namespace fp::av {

namespace {

/// Timestamps that stray less from the count of samples are imprecise; the samples follow each other all the same.
constexpr double kJitterSeconds = 0.1;
/// How far behind it a loss may show: parsers of sound that lost their place take some packets to find it.
constexpr double kLossShowsSeconds = 0.5;
/// Before an approximate landing: what every codec needs to sound right.
constexpr double kPreRollSeconds = 0.5;
/// A file that was cut off ends in a packet or two that cannot be decoded.
constexpr int kTornPackets = 2;
/// Places stay far from where doubles and 64-bit arithmetic lose them.
constexpr int64_t kFarthest = int64_t{1} << 52;

bool is_pcm(AVCodecID id) { return id >= AV_CODEC_ID_FIRST_AUDIO && id < AV_CODEC_ID_ADPCM_IMA_QT; }

/// Samples, at most, after which nothing of a decoder's state is left; -1 for codecs with noise generators, adaptive
/// filters or predictors, whose output depends on everything before.
int64_t pre_roll_of(const AVCodecParameters& par) {
  if (is_pcm(par.codec_id)) return 0;
  switch (par.codec_id) {
    case AV_CODEC_ID_FLAC:
    case AV_CODEC_ID_ALAC:
      return 0;
    case AV_CODEC_ID_MP3:
      // The reservoir reaches back 511 bytes: at the lowest rates, that many frames.
      return int64_t{64} * 1152;
    default:
      return -1;
  }
}

/// Bytes of the ID3v2 or APE tag that begins there, 0 without one.
int64_t tag_size(const AVPacket& packet) {
  constexpr int kId3Header = 10;
  constexpr int kApeHeader = 32;
  const uint8_t* const data = packet.data;
  if (packet.size >= kId3Header && std::memcmp(data, "ID3", 3) == 0) {
    if (((data[6] | data[7] | data[8] | data[9]) & 0x80) != 0) return 0;
    const int64_t size = (data[6] << 21) | (data[7] << 14) | (data[8] << 7) | data[9];
    const bool has_footer = (data[5] & 0x10) != 0;
    return kId3Header + size + (has_footer ? kId3Header : 0);
  }
  if (packet.size >= kApeHeader && std::memcmp(data, "APETAGEX", 8) == 0) {
    const int64_t size = data[12] | (data[13] << 8) | (data[14] << 16) | (int64_t{data[15]} << 24);
    return kApeHeader + size;
  }
  return 0;
}

/// What begins the next part of joined Ogg Opus, which FFmpeg passes on where the parts have one serial number; no
/// packet of sound begins like this.
bool is_opus_header(const AVPacket& packet) {
  constexpr int kName = 8;
  return packet.size >= kName &&
         (std::memcmp(packet.data, "OpusHead", kName) == 0 || std::memcmp(packet.data, "OpusTags", kName) == 0);
}

/// Whether an MPEG audio packet's header states a sample rate, and another one than this.
bool states_other_rate(const AVPacket& packet, int rate) {
  if (packet.size < 4 || packet.data[0] != 0xFF || (packet.data[1] & 0xE0) != 0xE0) return false;
  constexpr int kRates[] = {44100, 48000, 32000};
  const int version = (packet.data[1] >> 3) & 3;  // 3: MPEG-1, 2: MPEG-2, 0: its half rates
  const int code = (packet.data[2] >> 2) & 3;
  return version != 1 && code != 3 && kRates[code] >> (version == 3 ? 0 : version == 2 ? 1 : 2) != rate;
}

bool is_one_of(const AVInputFormat& format, const char* names) { return av_match_list(format.name, names, ',') > 0; }

}  // namespace

AudioStream::AudioStream(ByteSource& source, const DemuxerOptions& options, bool approximate, const Cancel& cancel,
                         LogSink& log)
    : log_(log),
      limits_(options.limits),
      cancel_(cancel),
      parts_(source),
      demuxer_(std::make_unique<Demuxer>(parts_, options, cancel)),
      packet_(av_packet_alloc()),
      frame_(av_frame_alloc()) {
  if (!packet_ || !frame_) throw Error("E_LIMIT", "out of memory");
  open_decoder();
  if (!next()) {
    if (bad_packets_ > 0) throw Error("E_DECODE", "none of the sound can be decoded: " + damage_);
    return;
  }
  const AVStream& stream = demuxer_->stream();
  // Which place a packet has is certain only where timestamps count samples, by themselves and not by estimate.
  const AVRational base = stream.time_base;
  const AVInputFormat& format = *demuxer_->format().iformat;
  const bool fine = first_pts_ != AV_NOPTS_VALUE && int64_t{base.num} * first_rate_ <= base.den;
  pre_roll_ = pre_roll_of(*stream.codecpar);
  if (fine && pre_roll_ >= 0) {
    // A joined MP3 stream may change its rate, which only its packets tell.
    const bool is_mp3 = stream.codecpar->codec_id == AV_CODEC_ID_MP3;
    if (is_one_of(format, "mov,wav,w64,aiff,au,flac")) jump_ = is_mp3 ? Jump::kSkip : Jump::kSeek;
    if (is_one_of(format, "mp3")) jump_ = Jump::kSkip;
    is_joinable_ = is_one_of(format, "flac");
    exact_places_ = jump_ != Jump::kNever;
    // Places do not step back as the timestamps do: behind the first edit only the start tells them.
    if (!approximate && demuxer_->rearranges_sound()) jump_ = Jump::kNever;
  }
  if (approximate && !exact_places_ && first_pts_ != AV_NOPTS_VALUE) {
    // What elementary streams are asked for by time, they guess.
    jump_ = is_one_of(format, "mov,matroska,avi,mpegts,flv,asf,nut") ? Jump::kSeek : Jump::kSkip;
    pre_roll_ = static_cast<int64_t>(kPreRollSeconds * first_rate_);
  }
}

void AudioStream::set_cancel(const Cancel& cancel) {
  cancel_ = cancel;
  demuxer_->set_cancel(cancel);
}

void AudioStream::open_decoder() {
  decoder_.reset();
  decoder_ = std::make_unique<Decoder>(demuxer_->stream(), 1, 0, limits_, log_);
  drained_ = in_tag_ = false;
  tag_end_ = 0;
  begins_part_ = true;
}

/// Behind the last packet of one of several files. False: it was the last file, or what follows cannot be read.
bool AudioStream::begin_next_part() {
  if (!parts_.has_next()) return false;
  // Where it is found again, no jump leads from one into another.
  jump_ = Jump::kNever;
  if (bad_packets_ <= kTornPackets) bad_packets_ = 0;
  silent_packets_ = 0;
  packet_end_ = AV_NOPTS_VALUE;
  parts_.go_to_next();
  try {
    demuxer_->reopen();
  } catch (const Error& error) {
    if (error.code == std::string_view("E_IO") || error.code == std::string_view(kCancelled)) throw;
    damage_ = error.what();
    bad_packets_ = kTornPackets + 1;
    return false;
  }
  open_decoder();
  return true;
}

void AudioStream::restart() {
  parts_.go_to_first();
  demuxer_->reopen();
  open_decoder();
  started_ = landing_ = ended_ = other_rates_ = false;
  bad_packets_ = silent_packets_ = 0;
  lost_pts_ = AV_NOPTS_VALUE;
  expected_ = 0;
  rate_ = first_rate_;
}

void AudioStream::forget() { started_ = false; }

bool AudioStream::ends_after(int64_t place, int rate, int64_t warm_up) const {
  return av_compare_ts(place_ + frame_->nb_samples + warm_up, {1, rate_}, place, {1, rate}) > 0;
}

/// Whether going on to a place decodes less than jumping would have to.
bool AudioStream::is_ahead(int64_t place, int rate, int64_t warm_up) const {
  if (!started_ || ended_ || av_compare_ts(expected_ + warm_up, {1, rate_}, place, {1, rate}) > 0) return false;
  if (jump_ == Jump::kNever) return true;
  const int64_t distance = av_rescale(place, first_rate_, rate) - av_rescale(expected_ + warm_up, first_rate_, rate_);
  return distance <= pre_roll_ + first_rate_;
}

bool AudioStream::seek(int64_t place, int rate, const WarmUp& warm_up) {
  if (is_empty()) return false;
  const int64_t here = warm_up(rate_);
  bool found = started_ && !ended_ && av_compare_ts(place_ + here, {1, rate_}, place, {1, rate}) <= 0 &&
               ends_after(place, rate, here);
  if (!found && !is_ahead(place, rate, here) && !jump(place, rate, warm_up(first_rate_))) restart();
  while (!found) {
    if (!next()) return false;
    if (landing_) {
      landing_ = false;
      // The container may have led past it, and at another rate than the first its timestamps do not count samples.
      if ((exact_places_ && other_rates_) || av_compare_ts(place_, {1, rate_}, landing_limit_, {1, first_rate_}) > 0) {
        jump_ = Jump::kNever;
        restart();
        continue;
      }
    }
    found = ends_after(place, rate, warm_up(rate_));
  }
  if (continuity_ == Continuity::kFollows) continuity_ = Continuity::kLanded;
  return true;
}

/// Moves close before a place without decoding what lies before; false when only the start will do.
bool AudioStream::jump(int64_t place, int rate, int64_t warm_up) {
  if (jump_ == Jump::kNever || !demuxer_->is_open()) return false;
  const int64_t from = av_rescale(place, first_rate_, rate) - warm_up - pre_roll_;
  if (from <= 0) return false;
  if (is_joinable_) {
    if (!is_one_file()) {
      jump_ = Jump::kNever;
      return false;
    }
    is_joinable_ = false;
    // Packets that were read in the middle are in FFmpeg's index at the wrong positions.
    demuxer_->reopen();
  }
  const AVRational base = demuxer_->stream().time_base;
  const int64_t timestamp = first_pts_ + av_rescale_q_rnd(from, {1, first_rate_}, base, AV_ROUND_DOWN);
  if (!(jump_ == Jump::kSeek ? demuxer_->seek_timestamp(timestamp) : skip_packets(timestamp))) return false;
  decoder_->flush();
  started_ = drained_ = ended_ = begins_part_ = false;
  origin_pts_ = first_pts_;
  origin_place_ = 0;
  landing_ = true;
  landing_limit_ = from;
  bad_packets_ = silent_packets_ = 0;
  lost_pts_ = AV_NOPTS_VALUE;
  tag_end_ = 0;
  in_tag_ = false;
  return true;
}

/// Whether timestamps rise from the file's first byte to its last, where the header says that they end. In files that
/// were joined they begin anew with each.
bool AudioStream::is_one_file() {
  constexpr int64_t kTail = 1 << 18;  // holds the last frame
  const int64_t size = avio_size(demuxer_->format().pb);
  const int64_t duration = demuxer_->stream().duration;
  if (size <= 0 || duration <= 0) return false;
  int64_t last = -1;
  // Files of one length, joined: two to five have begun anew at one of these.
  for (const double part : {0.29, 0.41, 0.53, 0.79}) {
    if (!demuxer_->seek_byte(static_cast<int64_t>(static_cast<double>(size) * part))) return false;
    do {
      if (!demuxer_->read(*packet_)) break;
    } while (packet_->pts == AV_NOPTS_VALUE);
    const int64_t pts = packet_->pts;
    av_packet_unref(packet_.get());
    if (pts == AV_NOPTS_VALUE) continue;
    if (pts < last) return false;
    last = pts;
  }
  if (!demuxer_->seek_byte(std::max<int64_t>(0, size - kTail))) return false;
  int64_t end = last;
  while (demuxer_->read(*packet_)) {
    if (packet_->pts == AV_NOPTS_VALUE) continue;
    if (packet_->pts < end) return false;
    end = packet_->pts + packet_->duration;
  }
  av_packet_unref(packet_.get());
  return end == duration && !parts_.has_next();
}

/// Reads, without decoding them, the packets that end before a timestamp.
bool AudioStream::skip_packets(int64_t timestamp) {
  demuxer_->reopen();
  while (demuxer_->read(*packet_)) {
    if (exact_places_ && states_other_rate(*packet_, first_rate_)) {
      // From there on timestamps do not count samples.
      jump_ = Jump::kNever;
      break;
    }
    if (packet_->pts == AV_NOPTS_VALUE || packet_->duration <= 0) break;
    if (packet_->pts + packet_->duration > timestamp) {
      demuxer_->unread(*packet_);
      return true;
    }
    av_packet_unref(packet_.get());
  }
  av_packet_unref(packet_.get());
  return false;
}

void AudioStream::note_damage(int error) {
  // What a joined file's tags were taken for is no sound.
  if (in_tag_) return;
  if (bad_packets_ == 0) damage_ = describe(error);
  bad_packets_++;
}

/// Packets went in whose sound did not come out, which leaves a hole: without a word, some decoders pass over what they
/// cannot decode. In decoders without delay, the last one sent is that of the frame.
bool AudioStream::gives_nothing(int64_t missing) const {
  const AVCodec* codec = decoder_->context().codec;
  return (codec->capabilities & AV_CODEC_CAP_DELAY) == 0 && silent_packets_ > 1 &&
         missing > (exact_places_ && !other_rates_ ? 0 : static_cast<int64_t>(kJitterSeconds * rate_));
}

void AudioStream::feed() {
  if (!demuxer_->read(*packet_)) {
    decoder_->drain();
    drained_ = true;
    return;
  }
  if (demuxer_->stream().codecpar->codec_id == AV_CODEC_ID_OPUS && is_opus_header(*packet_)) {
    av_packet_unref(packet_.get());
    return;
  }
  if (const int64_t size = tag_size(*packet_); size > 0 && packet_->pos >= 0) tag_end_ = packet_->pos + size;
  in_tag_ = packet_->pos >= 0 && packet_->pos < tag_end_;
  packet_end_ = packet_->pts == AV_NOPTS_VALUE ? packet_->pts : packet_->pts + packet_->duration;
  const bool lossy = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0 || misses_packets_before(*packet_);
  if (lossy && packet_->pts != AV_NOPTS_VALUE) lost_pts_ = packet_->pts;
  size_t cut = 0;
  const bool is_heard =
      (packet_->flags & AV_PKT_FLAG_DISCARD) == 0 && side_data_of(*packet_, AV_PKT_DATA_SKIP_SAMPLES, cut) == nullptr;
  const int result = decoder_->send(*packet_);
  av_packet_unref(packet_.get());
  if (is_heard && !in_tag_) silent_packets_++;
  if (result < 0) note_damage(result);
}

bool AudioStream::next() {
  av_frame_unref(frame_.get());
  if (ended_) return false;
  for (;;) {
    cancel_.throw_if_requested();
    const int result = decoder_->receive(*frame_);
    if (result >= 0) {
      if (frame_->nb_samples <= 0 || frame_->sample_rate <= 0) continue;
      locate();
      return true;
    }
    if (result == AVERROR(EAGAIN) && !drained_) {
      feed();
    } else if (result == AVERROR_EOF || drained_) {
      if (begin_next_part()) continue;
      ended_ = true;
      damage_begin_ = -1;
      const int64_t end = told_place(packet_end_, rate_);
      const bool silent = started_ && silent_packets_ > kTornPackets && gives_nothing(end - expected_);
      if (silent) note_damage(AVERROR_INVALIDDATA);
      // What FFmpeg does not read any further has not ended: since 9, chained Vorbis that changes its rate or channels.
      const bool refused = started_ && demuxer_->read_error() == AVERROR_PATCHWELCOME;
      if (refused) note_damage(AVERROR_PATCHWELCOME);
      if (started_ && (silent || refused || bad_packets_ > kTornPackets)) {
        damage_begin_ = expected_;
        place_ = std::max(expected_, end);
      }
      return false;
    } else {
      note_damage(result);
    }
  }
}

/// The place as a timestamp tells it; -1 when it does not.
int64_t AudioStream::told_place(int64_t pts, int rate) const {
  if (pts == AV_NOPTS_VALUE || origin_pts_ == AV_NOPTS_VALUE || pts < origin_pts_) return -1;
  const auto told = av_rescale_q_rnd(pts - origin_pts_, demuxer_->stream().time_base, {1, rate}, AV_ROUND_NEAR_INF);
  if (told >= kFarthest) return -1;
  return origin_place_ == 0 ? told : told + av_rescale(origin_place_, rate, origin_rate_);
}

/// Finds the place of the frame that came out.
void AudioStream::locate() {
  const AVRational base = demuxer_->stream().time_base;
  const int rate = frame_->sample_rate;
  const int64_t pts = frame_->pts;
  if (first_rate_ == 0) {
    first_rate_ = rate_ = rate;
    first_pts_ = pts;
    const int64_t begin = pts != AV_NOPTS_VALUE ? pts : demuxer_->stream().start_time;
    first_seconds_ = begin == AV_NOPTS_VALUE ? 0 : static_cast<double>(begin) * base.num / base.den;
  }
  const bool other_rate = rate != rate_;
  if (other_rate) expected_ = av_rescale(expected_, rate, rate_);
  rate_ = rate;
  if (begins_part_) {
    begins_part_ = false;
    origin_pts_ = pts;
    origin_place_ = expected_;
    origin_rate_ = rate;
  }
  const int64_t told = told_place(pts, rate);
  const int64_t missing = told - expected_;
  // Where the container tells of a loss, the clock may be believed.
  const bool lost =
      pts != AV_NOPTS_VALUE && static_cast<double>(av_sat_sub64(pts, lost_pts_)) * av_q2d(base) < kLossShowsSeconds;
  const bool silent = gives_nothing(missing) || (lost && missing > frame_->nb_samples / 2);
  if (started_ && told >= 0 && silent) note_damage(AVERROR_INVALIDDATA);
  const bool damaged = started_ && bad_packets_ > 0;
  if (rate != first_rate_) {
    other_rates_ = true;
    if (exact_places_) jump_ = Jump::kNever;
  }
  place_ = expected_;
  continuity_ = started_ ? Continuity::kFollows : landing_ ? Continuity::kLanded : Continuity::kStart;
  if (other_rate && started_) continuity_ = Continuity::kGap;
  if (landing_) {
    place_ = told < 0 ? kFarthest : told;  // where nothing tells, the landing is given up
  } else if (started_ && told >= 0) {
    const bool exact = damaged || (exact_places_ && !other_rates_);
    const int64_t jitter = exact ? 0 : static_cast<int64_t>(kJitterSeconds * rate);
    if (told - expected_ > jitter) {
      continuity_ = Continuity::kGap;
      place_ = told;
    }
  }
  damage_begin_ = damaged ? expected_ : -1;
  expected_ = place_ + frame_->nb_samples;
  bad_packets_ = silent_packets_ = 0;
  started_ = true;
}

}  // namespace fp::av
