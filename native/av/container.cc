#include "container.h"

#include <array>
#include <cmath>
#include <limits>

#include "error.h"
#include "heap.h"
#include "orientation.h"

namespace fp::av {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
/// Of keys and values in all, and of chapters: a file may claim any number.
constexpr size_t kMostTagBytes = size_t{4} << 20;
constexpr unsigned kMostChapters = 65536;

double seconds(int64_t time, AVRational base) {
  return time == AV_NOPTS_VALUE ? kUnknown : static_cast<double>(time) * base.num / base.den;
}

std::string text(const char* name) { return name == nullptr ? std::string() : name; }

/// av_disposition_to_string() is younger than the oldest FFmpeg; its names.
std::vector<std::string> names_of(int disposition) {
  static constexpr std::array<std::pair<int, const char*>, 17> kNames{{
      {AV_DISPOSITION_DEFAULT, "default"},
      {AV_DISPOSITION_DUB, "dub"},
      {AV_DISPOSITION_ORIGINAL, "original"},
      {AV_DISPOSITION_COMMENT, "comment"},
      {AV_DISPOSITION_LYRICS, "lyrics"},
      {AV_DISPOSITION_KARAOKE, "karaoke"},
      {AV_DISPOSITION_FORCED, "forced"},
      {AV_DISPOSITION_HEARING_IMPAIRED, "hearing_impaired"},
      {AV_DISPOSITION_VISUAL_IMPAIRED, "visual_impaired"},
      {AV_DISPOSITION_CLEAN_EFFECTS, "clean_effects"},
      {AV_DISPOSITION_ATTACHED_PIC, "attached_pic"},
      {AV_DISPOSITION_TIMED_THUMBNAILS, "timed_thumbnails"},
      {AV_DISPOSITION_CAPTIONS, "captions"},
      {AV_DISPOSITION_DESCRIPTIONS, "descriptions"},
      {AV_DISPOSITION_METADATA, "metadata"},
      {AV_DISPOSITION_DEPENDENT, "dependent"},
      {AV_DISPOSITION_STILL_IMAGE, "still_image"},
  }};
  std::vector<std::string> names;
  for (const auto& [flag, name] : kNames) {
    if ((disposition & flag) != 0) names.emplace_back(name);
  }
  return names;
}

/// Copies tags as long as there is room for them.
class TagCopier {
 public:
  Tags copy(const AVDictionary* dictionary) {
    Tags tags;
    const AVDictionaryEntry* entry = nullptr;
    while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
      std::string key = entry->key;
      std::string value = entry->value;
      if (key.size() + value.size() > room_) continue;
      room_ -= key.size() + value.size();
      tags.emplace_back(std::move(key), std::move(value));
    }
    return tags;
  }

 private:
  size_t room_ = kMostTagBytes;
};

std::optional<DolbyVision> dolby_vision_of(const AVStream& stream) {
  const auto* data = stream_side_data<AVDOVIDecoderConfigurationRecord>(stream, AV_PKT_DATA_DOVI_CONF);
  if (data == nullptr) return std::nullopt;
  return DolbyVision{data->dv_profile, data->dv_level, data->dv_bl_signal_compatibility_id};
}

PictureFacts picture_of(const AVStream& stream) {
  const AVCodecParameters& par = *stream.codecpar;
  const auto named = [](bool known, const char* name) { return known ? text(name) : std::string(); };
  const int32_t* matrix = display_matrix(stream);
  const bool turned = orientation_of(matrix).transpose;
  const auto format = static_cast<AVPixelFormat>(par.format);
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  PictureFacts facts{};
  facts.coded_width = par.width;
  facts.coded_height = par.height;
  facts.width = turned ? par.height : par.width;
  facts.height = turned ? par.width : par.height;
  facts.rotation = matrix == nullptr ? kUnknown : av_display_rotation_get(matrix);
  facts.pixel_format = text(av_get_pix_fmt_name(format));
  facts.bit_depth = descriptor == nullptr ? 0 : descriptor->comp[0].depth;
  facts.frame_rate = stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
  facts.pixel_aspect_ratio = par.sample_aspect_ratio.num > 0 ? par.sample_aspect_ratio : stream.sample_aspect_ratio;
  facts.color_primaries =
      named(par.color_primaries != AVCOL_PRI_UNSPECIFIED, av_color_primaries_name(par.color_primaries));
  facts.color_space = named(par.color_space != AVCOL_SPC_UNSPECIFIED, av_color_space_name(par.color_space));
  facts.color_transfer = named(par.color_trc != AVCOL_TRC_UNSPECIFIED, av_color_transfer_name(par.color_trc));
  facts.color_range = named(par.color_range != AVCOL_RANGE_UNSPECIFIED, av_color_range_name(par.color_range));
  facts.mastering = mastering_of(stream);
  facts.light = light_of(stream);
  facts.dolby_vision = dolby_vision_of(stream);
  return facts;
}

SoundFacts sound_of(const AVCodecParameters& par) {
  const ChannelLayout layout(par);
  return {par.sample_rate, layout.channels(), layout.is_known() ? layout.name() : std::string(),
          text(av_get_sample_fmt_name(static_cast<AVSampleFormat>(par.format)))};
}

StreamFacts facts_of(const AVStream& stream, TagCopier& tags) {
  const AVCodecParameters& par = *stream.codecpar;
  StreamFacts facts{};
  facts.index = stream.index;
  facts.kind = text(av_get_media_type_string(par.codec_type));
  facts.codec = par.codec_id == AV_CODEC_ID_NONE ? std::string() : avcodec_get_name(par.codec_id);
  facts.profile = text(avcodec_profile_name(par.codec_id, par.profile));
  facts.time_base = stream.time_base;
  facts.begin_seconds = seconds(stream.start_time, stream.time_base);
  facts.duration_seconds = stream.duration > 0 ? seconds(stream.duration, stream.time_base) : kUnknown;
  facts.bit_rate = par.bit_rate > 0 ? par.bit_rate : -1;
  facts.frames = stream.nb_frames > 0 ? stream.nb_frames : -1;
  facts.disposition = names_of(stream.disposition);
  facts.tags = tags.copy(stream.metadata);
  if (par.codec_type == AVMEDIA_TYPE_VIDEO) facts.picture = picture_of(stream);
  if (par.codec_type == AVMEDIA_TYPE_AUDIO) facts.sound = sound_of(par);
  if (is_cover(stream)) {
    // What libavformat says of its time is the sound's.
    facts.frames = 1;
    facts.begin_seconds = facts.duration_seconds = 0;
    facts.picture->frame_rate = {0, 1};
  }
  return facts;
}

ContainerInfo read_container(const AVFormatContext& format) {
  TagCopier tags;
  ContainerInfo info{};
  info.container = format.iformat->name;
  info.begin_seconds = seconds(format.start_time, AVRational{1, AV_TIME_BASE});
  info.duration_seconds = format.duration > 0 ? seconds(format.duration, AVRational{1, AV_TIME_BASE}) : kUnknown;
  info.bit_rate = format.bit_rate > 0 ? format.bit_rate : -1;
  info.tags = tags.copy(format.metadata);
  for (unsigned i = 0; i < format.nb_streams; i++) info.streams.push_back(facts_of(*format.streams[i], tags));
  for (unsigned i = 0; i < format.nb_chapters && i < kMostChapters; i++) {
    const AVChapter& chapter = *format.chapters[i];
    info.chapters.push_back({seconds(chapter.start, chapter.time_base), seconds(chapter.end, chapter.time_base),
                             tags.copy(chapter.metadata)});
  }
  return info;
}

}  // namespace

Container::Container(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel,
                     bool keep_log)
    : source_(std::move(source)) {
  log_.begin(keep_log);
  const LogScope scope(log_);
  DemuxerOptions all = options;
  all.kind = AVMEDIA_TYPE_UNKNOWN;
  try {
    Demuxer demuxer(*source_, all, cancel);
    info_ = read_container(demuxer.format());
  } catch (Error& error) {
    error.log = log_.tail();
    throw;
  }
}

}  // namespace fp::av
