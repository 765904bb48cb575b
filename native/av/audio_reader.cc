#include "audio_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "error.h"
#include "heap.h"

namespace fp::av {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double seconds(int64_t time, AVRational base) {
  return time == AV_NOPTS_VALUE ? kUnknown : static_cast<double>(time) * base.num / base.den;
}

}  // namespace

AudioReader::AudioReader(std::unique_ptr<ByteSource> source, const AudioOptions& options, const Cancel& cancel,
                         bool keep_log)
    : cancel_(cancel), source_(std::move(source)) {
  log_.begin(keep_log);
  const LogScope scope(log_);
  try {
    open(options);
  } catch (Error& error) {
    error.log = log_.tail();
    throw;
  }
}

AudioReader::~AudioReader() {
  // Tables and windows of a decoder and a resampler, and the demuxer's buffers.
  constexpr int64_t kTypical = 1 << 20;
  converter_.reset();
  stream_.reset();
  note_freed(kTypical);
}

void AudioReader::open(const AudioOptions& options) {
  DemuxerOptions demuxer = options.demuxer;
  demuxer.kind = AVMEDIA_TYPE_AUDIO;
  skip_damage_ = options.skip_damage;
  fill_gaps_ = options.fill_gaps;
  stream_ = std::make_unique<AudioStream>(*source_, demuxer, options.approximate, cancel_, log_);
  const AVStream& stream = stream_->demuxer().stream();
  const AVCodecParameters& par = *stream.codecpar;
  const AVFormatContext& format = stream_->demuxer().format();
  info_.stream_index = stream.index;
  info_.codec = avcodec_get_name(par.codec_id);
  info_.container = format.iformat->name;
  info_.time_base = stream.time_base;
  info_.duration_seconds = stream.duration > 0 ? seconds(stream.duration, stream.time_base) : kUnknown;
  info_.begin_seconds = seconds(stream.start_time, stream.time_base);
  info_.container_duration_seconds =
      format.duration > 0 ? static_cast<double>(format.duration) / AV_TIME_BASE : kUnknown;
  info_.bit_rate = par.bit_rate > 0 ? par.bit_rate : -1;
  info_.first_seconds = stream_->first_seconds();
  if (stream_->is_empty()) {
    info_.sample_rate = par.sample_rate;
    info_.num_channels = channel_count(par);
    if (info_.sample_rate <= 0 || info_.num_channels <= 0) throw Error("E_INVALID_DATA", "there is no sound in it");
    info_.output_rate = options.sample_rate > 0 ? options.sample_rate : info_.sample_rate;
    info_.output_channels = options.num_channels > 0 ? options.num_channels : info_.num_channels;
  } else {
    const AVFrame& frame = stream_->frame();
    const ChannelLayout layout(frame);
    const char* name = av_get_sample_fmt_name(static_cast<AVSampleFormat>(frame.format));
    info_.sample_format = name == nullptr ? "" : name;
    info_.sample_rate = frame.sample_rate;
    info_.num_channels = layout.channels();
    if (layout.is_known()) info_.channel_layout = layout.name();
    converter_ = std::make_unique<AudioConverter>(options.sample_rate, options.num_channels, frame);
    info_.output_rate = converter_->rate();
    info_.output_channels = converter_->channels();
  }
  store_ = std::make_unique<SampleStore>(info_.output_channels);
}

void AudioReader::begin(const Cancel& cancel, bool keep_log) {
  cancel_ = cancel;
  stream_->set_cancel(cancel);
  log_.begin(keep_log);
}

/// Has the next block begin at or before the range.
void AudioReader::reach(SampleRange range) {
  const int rate = info_.sample_rate;
  const int64_t warm_up = converter_->warm_up(rate);
  const int64_t near = av_rescale(4 * warm_up, info_.output_rate, rate) + info_.output_rate / 4;
  if (running_ && range.begin >= next_ && (ended_ || range.begin - next_ <= near)) return;
  running_ = false;
  block_.count = used_ = 0;
  converter_->reset();
  damages_.clear();
  ended_ = !stream_->seek(range.begin, info_.output_rate, [this](int at) { return converter_->warm_up(at); });
  if (ended_)
    note_damage(range);
  else
    take_frame(range);
  next_ = range.begin;
  running_ = true;
}

bool AudioReader::next_block(SampleRange range) {
  used_ = 0;
  for (;;) {
    cancel_.throw_if_requested();
    if (converter_->produce(block_)) return true;
    block_.count = 0;
    if (ended_) return false;
    ended_ = !stream_->next();
    if (ended_) {
      note_damage(range);
      converter_->finish();
    } else {
      take_frame(range);
    }
  }
}

void AudioReader::take_frame(SampleRange range) {
  note_damage(range);
  converter_->take(stream_->frame(), stream_->place(), stream_->continuity());
}

/// What lies before the stream's frame, or its end, and could not be decoded. It may lie behind the range: the
/// resampler looks ahead.
void AudioReader::note_damage(SampleRange range) {
  if (stream_->damage_begin() < 0) return;
  const int64_t begin = av_rescale(stream_->damage_begin(), info_.output_rate, stream_->rate());
  const int64_t end = std::max(begin + 1, av_rescale(stream_->place(), info_.output_rate, stream_->rate()));
  damages_.push_back({begin, end});
  if (ended_ && !skip_damage_) {
    throw Error("E_DECODE", "the sound cannot be decoded any further: " + stream_->damage());
  }
  refuse_damage(range);
}

/// A range that holds what could not be decoded is refused; what lies before and after it is not.
void AudioReader::refuse_damage(SampleRange range) const {
  if (skip_damage_) return;
  for (const SampleRange& damage : damages_) {
    if (range.begin >= damage.end || range.end <= damage.begin) continue;
    const double at = info_.first_seconds + static_cast<double>(damage.begin) / info_.output_rate;
    throw Error("E_DECODE", "the sound at " + std::to_string(at) + " s cannot be decoded: " + stream_->damage());
  }
}

int64_t AudioReader::damage_in(SampleRange range) const {
  int64_t places = 0;
  for (const SampleRange& damage : damages_) {
    places += std::max<int64_t>(0, std::min(range.end, damage.end) - std::max(range.begin, damage.begin));
  }
  return places;
}

RangeResult AudioReader::collect(SampleRange range, int64_t max_bytes) {
  RangeResult result{0, range.begin, range.end, false};
  for (;;) {
    if (used_ == block_.count) {
      if (!next_block(range)) {
        result.ended = true;
        return result;
      }
    }
    const int64_t place = block_.place + used_;
    next_ = place;
    if (fill_gaps_) fill(range, place, max_bytes, result);
    if (place >= range.end) {
      // What is filled can be had from where the range ends.
      if (fill_gaps_) next_ = range.end;
      result.next = next_;
      return result;
    }
    const auto skip = static_cast<int>(std::clamp<int64_t>(range.begin - place, 0, block_.count - used_));
    used_ += skip;
    const auto count = static_cast<int>(std::min<int64_t>(block_.count - used_, range.end - place - skip));
    if (count == 0) continue;
    if (result.count == 0) result.begin = place + skip;
    expect_room(result.count + count, max_bytes);
    store_->append(block_.channels.data(), used_, count, range.end - (place + skip));
    used_ += count;
    result.count += count;
    next_ = place + skip + count;
  }
}

/// Zeros from where the result ends up to a place, or the range's end.
void AudioReader::fill(SampleRange range, int64_t place, int64_t max_bytes, RangeResult& result) {
  const int64_t missing = std::min(place, range.end) - (range.begin + result.count);
  if (missing <= 0) return;
  expect_room(result.count + missing, max_bytes);
  store_->append_zeros(missing, range.end - (range.begin + result.count));
  result.count += missing;
}

void AudioReader::expect_room(int64_t samples, int64_t max_bytes) const {
  if (samples <= max_bytes / (int64_t{info_.output_channels} * static_cast<int64_t>(sizeof(float)))) return;
  throw Error("E_LIMIT", "the samples take more than " + std::to_string(max_bytes) +
                             " bytes (limits.maxOutputBytes): iterate with samples(), or ask for less at a time");
}

RangeResult AudioReader::decode(SampleRange range, int64_t max_bytes) {
  const LogScope scope(log_);
  store_ = std::make_unique<SampleStore>(info_.output_channels);
  if (stream_->is_empty()) return {0, range.begin, range.begin, true};
  try {
    reach(range);
    refuse_damage(range);
    RangeResult result = collect(range, max_bytes);
    result.skipped = damage_in(range);
    const int64_t behind = result.ended ? std::numeric_limits<int64_t>::max() : result.next;
    result.skipped_behind = damage_in({range.end, behind});
    return result;
  } catch (...) {
    running_ = false;
    stream_->forget();
    throw;
  }
}

}  // namespace fp::av
