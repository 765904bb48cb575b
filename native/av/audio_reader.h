// One sound stream of one source: opened once, asked for ranges of samples.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audio_converter.h"
#include "audio_stream.h"
#include "sample_store.h"

namespace fp::av {

struct AudioOptions {
  DemuxerOptions demuxer;
  int sample_rate = 0;       ///< of the output; 0: the stream's
  int num_channels = 0;      ///< of the output; 0: the stream's
  bool approximate = false;  ///< ranges may be reached by timestamp and pre-roll alone
  bool skip_damage = false;  ///< what cannot be decoded is left out of ranges, which are refused otherwise
  bool fill_gaps = false;    ///< places without samples, up to the last one, hold zeros
};

/// What the container and the first frame tell. Seconds; NaN when unknown.
struct AudioInfo {
  int stream_index;
  std::string codec;
  std::string container;
  std::string sample_format;   ///< of the decoder; empty when unknown
  std::string channel_layout;  ///< FFmpeg's name; empty when unknown
  int sample_rate;
  int num_channels;
  AVRational time_base;
  double duration_seconds;
  double begin_seconds;
  double container_duration_seconds;
  int64_t bit_rate;      ///< -1 when unknown
  double first_seconds;  ///< of the first sample that is decoded: place 0
  int output_rate;
  int output_channels;
};

/// A half-open range of places, counted at the output rate from the stream's first sample.
struct SampleRange {
  int64_t begin;
  int64_t end;
};

struct RangeResult {
  int64_t count;               ///< samples in take()
  int64_t begin;               ///< place of the first of them
  int64_t next;                ///< place of the first sample after the range, where there is one
  bool ended;                  ///< the stream ends in the range, or before it
  int64_t skipped = 0;         ///< places in the range that cannot be decoded
  int64_t skipped_behind = 0;  ///< and from its end up to `next`, or the stream's end
};

/// One thread. Whatever throws, the next call starts anew.
class AudioReader {
 public:
  /// Throws what Demuxer and Decoder throw, E_DECODE and E_CONVERSION. Cancelled through `cancel`.
  AudioReader(std::unique_ptr<ByteSource> source, const AudioOptions& options, const Cancel& cancel, bool keep_log);
  ~AudioReader();
  AudioReader(const AudioReader&) = delete;
  AudioReader& operator=(const AudioReader&) = delete;

  /// Starts a job: everything after runs under its cancel flag and log.
  void begin(const Cancel& cancel, bool keep_log);
  const AudioInfo& info() const { return info_; }
  const LogSink& log() const { return log_; }
  ByteSource& source() { return *source_; }

  /// Decodes a range into memory of its own. Throws E_DECODE for damage in the range, E_LIMIT for more than
  /// `max_bytes`.
  RangeResult decode(SampleRange range, int64_t max_bytes);
  /// Moves what was decoded to `target`: a row of `count` samples for each channel.
  void take(float* target) { store_->take(target); }

 private:
  void open(const AudioOptions& options);
  void reach(SampleRange range);
  bool next_block(SampleRange range);
  void take_frame(SampleRange range);
  void note_damage(SampleRange range);
  void refuse_damage(SampleRange range) const;
  int64_t damage_in(SampleRange range) const;
  RangeResult collect(SampleRange range, int64_t max_bytes);
  void fill(SampleRange range, int64_t place, int64_t max_bytes, RangeResult& result);
  void expect_room(int64_t samples, int64_t max_bytes) const;

  LogSink log_;
  Cancel cancel_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<AudioStream> stream_;
  std::unique_ptr<AudioConverter> converter_;
  std::unique_ptr<SampleStore> store_;
  AudioInfo info_{};
  bool skip_damage_ = false;
  bool fill_gaps_ = false;
  std::vector<SampleRange> damages_;  // since the converter runs, in their order
  SampleBlock block_;
  int used_ = 0;          // of the block's samples
  int64_t next_ = 0;      // the place from which on samples can be had without going back
  bool running_ = false;  // the converter stands where the stream does
  bool ended_ = false;
};

}  // namespace fp::av
