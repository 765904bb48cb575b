// What a stream says of itself before any of its frames is asked for.
#pragma once

#include <string>

#include "converter.h"
#include "demuxer.h"
#include "log.h"

namespace fp::av {

/// Seconds and counts as the header states them; NaN and -1 where it does not.
struct StreamInfo {
  int stream_index;
  std::string codec;
  std::string container;
  std::string pixel_format;  ///< FFmpeg's name, empty when unknown
  AVPixelFormat format;
  int coded_width;  ///< as decoded, before rotation
  int coded_height;
  int width;  ///< as displayed
  int height;
  Orientation orientation;  ///< of the first picture
  Orientation container_orientation;
  double rotation;  ///< of the first picture: degrees counter-clockwise as the display matrix says, NaN without one
  AVRational time_base;
  AVRational frame_rate;          ///< 0/1 when unknown; r_frame_rate, as torchcodec's header rate
  AVRational pixel_aspect_ratio;  ///< 0/1 when unknown
  double duration_seconds;
  double begin_seconds;
  double container_duration_seconds;
  int64_t frames;
  int64_t bit_rate;
  std::string color_primaries;
  std::string color_space;
  std::string color_transfer;
  std::string color_range;
  double peak_luminance;  ///< of high dynamic range: candela per square metre, 0 when the container does not say
  bool index_is_cheap;    ///< an exact index takes the container's sample table alone
};

/// The demuxer must stand at its first packet and still does afterwards. Decodes only where neither the header nor
/// the first packet's own header tells the pixel format. Throws E_LIMIT for pictures over the limit.
StreamInfo read_stream_info(Demuxer& demuxer, const Limits& limits, LogSink& sink);

}  // namespace fp::av
