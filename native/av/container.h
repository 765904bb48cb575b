// What is in a file, without any of its streams being decoded for it: as `ffprobe -show_format -show_streams
// -show_chapters`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "demuxer.h"
#include "light_levels.h"
#include "log.h"

namespace fp::av {

using Tags = std::vector<std::pair<std::string, std::string>>;

struct DolbyVision {
  int profile;
  int level;
  int compatibility;  ///< what the base layer can be shown as: 1 HDR10, 2 SDR, 4 HLG, 0 nothing
};

struct PictureFacts {
  int coded_width;  ///< before rotation; 0 when unknown
  int coded_height;
  int width;  ///< as displayed
  int height;
  double rotation;  ///< degrees counter-clockwise as the display matrix says, NaN without one
  std::string pixel_format;
  int bit_depth;          ///< 0 when unknown
  AVRational frame_rate;  ///< on average; 0/1 when unknown
  AVRational pixel_aspect_ratio;
  std::string color_primaries;
  std::string color_space;
  std::string color_transfer;
  std::string color_range;
  std::optional<MasteringDisplay> mastering;
  std::optional<ContentLight> light;
  std::optional<DolbyVision> dolby_vision;
};

struct SoundFacts {
  int sample_rate;
  int num_channels;
  std::string channel_layout;
  std::string sample_format;
};

/// Texts are empty, seconds NaN and counts -1 where the file does not say.
struct StreamFacts {
  int index;
  std::string kind;  ///< FFmpeg's: "video", "audio", "subtitle", "data", "attachment"
  std::string codec;
  std::string profile;
  AVRational time_base;
  double begin_seconds;
  double duration_seconds;
  int64_t bit_rate;
  int64_t frames;
  std::vector<std::string> disposition;
  Tags tags;
  std::optional<PictureFacts> picture;
  std::optional<SoundFacts> sound;
};

struct Chapter {
  double begin_seconds;
  double end_seconds;
  Tags tags;
};

struct ContainerInfo {
  std::string container;
  double begin_seconds;
  double duration_seconds;
  int64_t bit_rate;
  Tags tags;
  std::vector<Chapter> chapters;
  std::vector<StreamFacts> streams;
};

/// A container that was looked into. One thread.
class Container {
 public:
  /// Throws what Demuxer throws, but for E_NO_STREAM. `options` name no stream.
  Container(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel, bool keep_log);
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  const ContainerInfo& info() const { return info_; }
  const LogSink& log() const { return log_; }
  ByteSource& source() { return *source_; }

 private:
  LogSink log_;
  std::unique_ptr<ByteSource> source_;
  ContainerInfo info_{};
};

}  // namespace fp::av
