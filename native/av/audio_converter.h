// Decoded frames of any format to planar float samples of one rate and one number of channels.
#pragma once

#include <vector>

#include "audio_stream.h"

namespace fp::av {

/// Consecutive samples; places are counted at the output rate from the stream's first sample.
struct SampleBlock {
  int64_t place = 0;
  int count = 0;
  std::vector<const float*> channels;  ///< valid until the converter is used again
};

/// Output sample k is the same however it is reached: the resampler's phase is tied to places, not to where conversion
/// began. One thread.
class AudioConverter {
 public:
  /// 0: as the first frame has it. Throws E_CONVERSION.
  AudioConverter(int rate, int channels, const AVFrame& first);

  int rate() const { return rate_; }
  int channels() const { return layout_.channels(); }
  /// Samples, at the frames' rate, that must be converted before the first one that is wanted.
  int64_t warm_up(int rate) const;

  /// Forgets the past: the next frame begins anew.
  void reset();
  /// Takes a frame, which must stay as it is until produce() returned false. Throws E_CONVERSION.
  void take(const AVFrame& frame, int64_t place, Continuity continuity);
  /// No frame follows: what the resampler holds back comes out.
  void finish();
  /// The next samples; false when a frame is needed first.
  bool produce(SampleBlock& block);

 private:
  enum class Mode : uint8_t { kIdle, kRunning, kFlushing };
  void begin(int64_t place, Continuity continuity);
  void configure(const AVFrame& frame);
  int64_t step() const;
  int convert(const uint8_t** data, int count);
  int convert_silence();
  int convert_frame();
  bool trim(int count, SampleBlock& block);

  ChannelLayout layout_;
  int rate_;
  Resampler resampler_;
  ChannelLayout from_layout_;
  int from_rate_ = 0;
  AVSampleFormat from_format_ = AV_SAMPLE_FMT_NONE;

  Mode mode_ = Mode::kIdle;
  const AVFrame* frame_ = nullptr;
  int used_ = 0;         // of the frame's samples
  bool begins_ = false;  // the frame starts a new run once the old one is flushed
  int64_t place_ = 0;    // of the frame
  Continuity continuity_ = Continuity::kStart;
  int64_t silence_ = 0;       // samples to put in front of the run
  int64_t excess_ = 0;        // samples to leave out at the begin of the run
  int64_t output_place_ = 0;  // of the next sample that the resampler gives
  int64_t floor_ = 0;         // places before it are not given out
  int64_t ceiling_ = 0;       // nor those from here on
  int64_t end_ = 0;           // of the frame converted last, at its rate
  std::vector<float> buffer_;
  std::vector<uint8_t*> output_;
};

}  // namespace fp::av
