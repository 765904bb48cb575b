#include "audio_converter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "error.h"

namespace fp::av {

namespace {

/// Samples of output made at a time: bounds memory, whatever the ratio of the rates.
constexpr int kBlock = 16384;
constexpr int kMostChannels = 64;  // libswresample's
constexpr int kHighestRate = 2'000'000;
/// libswresample's defaults: taps at unity, and the part of the band that is kept.
constexpr double kTaps = 32;
constexpr double kCutoff = 0.97;

}  // namespace

AudioConverter::AudioConverter(int rate, int channels, const AVFrame& first)
    : layout_(first), rate_(rate > 0 ? rate : first.sample_rate) {
  if (channels > 0 && channels != layout_.channels()) layout_ = ChannelLayout(channels);
  configure(first);
}

int64_t AudioConverter::step() const { return from_rate_ / std::gcd(from_rate_, rate_); }

int64_t AudioConverter::warm_up(int rate) const {
  if (rate == rate_) return 0;
  const double factor = std::min(1.0, static_cast<double>(rate_) * kCutoff / rate);
  return 2 * static_cast<int64_t>(std::ceil(kTaps / factor)) + rate / std::gcd(rate, rate_);
}

void AudioConverter::reset() {
  mode_ = Mode::kIdle;
  frame_ = nullptr;
  floor_ = 0;
}

void AudioConverter::configure(const AVFrame& frame) {
  const ChannelLayout layout(frame);
  const int from = layout.channels();
  if (from > kMostChannels || layout_.channels() > kMostChannels) {
    throw Error("E_LIMIT", std::to_string(from) + " channels are over the limit of " + std::to_string(kMostChannels));
  }
  if (frame.sample_rate != rate_ && frame.sample_rate > kHighestRate) {
    throw Error("E_LIMIT", "a sample rate of " + std::to_string(frame.sample_rate) + " cannot be converted");
  }
  from_layout_ = layout;
  from_rate_ = frame.sample_rate;
  from_format_ = static_cast<AVSampleFormat>(frame.format);
  // As many channels are taken one by one, whatever they are called; otherwise those of unknown kind count as usual
  // ones.
  const bool same = from == layout_.channels();
  const ChannelLayout source = same ? layout_ : layout.is_known() ? layout : ChannelLayout(from);
  resampler_.reset(make_resampler(layout_, rate_, source, from_format_, from_rate_));
  if (!resampler_) throw Error("E_LIMIT", "out of memory");
  check(swr_init(resampler_.get()), "E_CONVERSION",
        "cannot convert " + std::to_string(from) + " channels at " + std::to_string(from_rate_) + " Hz to " +
            std::to_string(layout_.channels()) + " at " + std::to_string(rate_) + " Hz");
}

void AudioConverter::take(const AVFrame& frame, int64_t place, Continuity continuity) {
  frame_ = &frame;
  used_ = 0;
  place_ = place;
  continuity_ = continuity;
  const bool same = static_cast<AVSampleFormat>(frame.format) == from_format_ && frame.sample_rate == from_rate_ &&
                    ChannelLayout(frame) == from_layout_;
  begins_ = mode_ == Mode::kIdle || continuity != Continuity::kFollows || !same;
  if (!begins_) return;
  // Whether the format is another one makes no gap, but the resampler starts again.
  if (continuity == Continuity::kFollows) continuity_ = Continuity::kGap;
  if (mode_ != Mode::kRunning) return;
  mode_ = Mode::kFlushing;
  // The resampler gives a little more than the run is long; how much depends on where conversion began.
  ceiling_ = av_rescale_rnd(end_, rate_, from_rate_, AV_ROUND_UP);
}

void AudioConverter::finish() {
  frame_ = nullptr;
  begins_ = false;
  if (mode_ == Mode::kRunning) mode_ = Mode::kFlushing;
}

/// Starts the resampler with the frame that was taken.
void AudioConverter::begin(int64_t place, Continuity continuity) {
  configure(*frame_);
  begins_ = false;
  mode_ = Mode::kRunning;
  ceiling_ = std::numeric_limits<int64_t>::max();
  silence_ = excess_ = 0;
  output_place_ = place;
  if (from_rate_ == rate_) return;
  // Every step() samples of input, a sample of output falls on one of input: there the phase is zero.
  const int64_t behind = place % step();
  int64_t aligned = place - behind;
  if (continuity == Continuity::kLanded && behind > 0) {
    aligned += step();
    excess_ = aligned - place;
  } else {
    silence_ = behind;
    floor_ = std::max(floor_, av_rescale_rnd(place, rate_, from_rate_, AV_ROUND_UP));
  }
  output_place_ = aligned / step() * (rate_ / std::gcd(from_rate_, rate_));
}

int AudioConverter::convert(const uint8_t** data, int count) {
  const auto channels = static_cast<size_t>(layout_.channels());
  const int most = std::max(swr_get_out_samples(resampler_.get(), count), 0) + 1;
  if (buffer_.size() < channels * static_cast<size_t>(most)) buffer_.resize(channels * static_cast<size_t>(most));
  output_.resize(channels);
  for (size_t i = 0; i < channels; i++) {
    output_[i] = reinterpret_cast<uint8_t*>(buffer_.data() + i * static_cast<size_t>(most));
  }
  return check(swr_convert(resampler_.get(), output_.data(), most, data, count), "E_CONVERSION", "converting failed");
}

bool AudioConverter::produce(SampleBlock& block) {
  for (;;) {
    int count = 0;
    if (mode_ == Mode::kFlushing) {
      if (from_rate_ != rate_) count = convert(nullptr, 0);
      if (count == 0) mode_ = Mode::kIdle;
    } else if (frame_ == nullptr) {
      return false;
    } else if (begins_) {
      begin(place_, continuity_);
      continue;
    } else if (silence_ > 0) {
      count = convert_silence();
    } else if (excess_ > 0 && used_ < frame_->nb_samples) {
      const auto drop = static_cast<int>(std::min<int64_t>(excess_, frame_->nb_samples - used_));
      used_ += drop;
      excess_ -= drop;
    } else if (used_ < frame_->nb_samples) {
      count = convert_frame();
    } else {
      end_ = place_ + frame_->nb_samples;
      frame_ = nullptr;
      return false;
    }
    if (count > 0 && trim(count, block)) return true;
  }
}

/// Gives out what lies at allowed places.
bool AudioConverter::trim(int count, SampleBlock& block) {
  const int64_t place = output_place_;
  output_place_ += count;
  const auto cut = static_cast<int>(std::clamp<int64_t>(floor_ - place, 0, count));
  const auto kept = static_cast<int>(std::clamp<int64_t>(ceiling_ - place, 0, count));
  if (cut >= kept) return false;
  block.place = place + cut;
  block.count = kept - cut;
  block.channels.clear();
  for (const uint8_t* channel : output_) block.channels.push_back(reinterpret_cast<const float*>(channel) + cut);
  floor_ = block.place + block.count;
  return true;
}

int AudioConverter::convert_silence() {
  const auto count = static_cast<int>(std::min<int64_t>(silence_, 4096));
  silence_ -= count;
  const auto bytes = static_cast<size_t>(av_get_bytes_per_sample(from_format_)) *
                     (av_sample_fmt_is_planar(from_format_) ? 1 : static_cast<size_t>(from_layout_.channels()));
  // The middle of unsigned 8 bits is not zero.
  const bool is_unsigned = from_format_ == AV_SAMPLE_FMT_U8 || from_format_ == AV_SAMPLE_FMT_U8P;
  const std::vector<uint8_t> samples(bytes * static_cast<size_t>(count), is_unsigned ? 0x80 : 0);
  std::vector<const uint8_t*> planes(static_cast<size_t>(from_layout_.channels()), samples.data());
  return convert(planes.data(), count);
}

int AudioConverter::convert_frame() {
  const int64_t fits = std::max<int64_t>(1, int64_t{kBlock} * from_rate_ / rate_);
  const auto count = static_cast<int>(std::min<int64_t>(frame_->nb_samples - used_, fits));
  const bool planar = av_sample_fmt_is_planar(from_format_) != 0;
  const auto channels = static_cast<size_t>(from_layout_.channels());
  const size_t bytes = static_cast<size_t>(av_get_bytes_per_sample(from_format_)) * (planar ? 1 : channels);
  std::vector<const uint8_t*> planes(planar ? channels : 1);
  for (size_t i = 0; i < planes.size(); i++) {
    planes[i] = frame_->extended_data[i] + static_cast<size_t>(used_) * bytes;
  }
  used_ += count;
  return convert(planes.data(), count);
}

}  // namespace fp::av
