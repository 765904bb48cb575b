#include "light_levels.h"

namespace fp::av {

std::optional<MasteringDisplay> mastering_of(const AVStream& stream) {
  const auto* data = stream_side_data<AVMasteringDisplayMetadata>(stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA);
  if (data == nullptr || data->has_luminance == 0) return std::nullopt;
  return MasteringDisplay{av_q2d(data->min_luminance), av_q2d(data->max_luminance)};
}

std::optional<ContentLight> light_of(const AVStream& stream) {
  const auto* data = stream_side_data<AVContentLightMetadata>(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL);
  if (data == nullptr) return std::nullopt;
  return ContentLight{data->MaxCLL, data->MaxFALL};
}

double peak_luminance(const AVStream& stream) {
  const std::optional<ContentLight> light = light_of(stream);
  if (light && light->max_content > 0) return light->max_content;
  const std::optional<MasteringDisplay> display = mastering_of(stream);
  return display ? display->max_luminance : 0;
}

}  // namespace fp::av
