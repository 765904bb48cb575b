// How bright pictures of high dynamic range are, as the container says.
#pragma once

#include <optional>

#include "ffmpeg.h"

namespace fp::av {

/// Candela per square metre, as the container says.
struct MasteringDisplay {
  double min_luminance;
  double max_luminance;
};

struct ContentLight {
  unsigned max_content;
  unsigned max_frame_average;
};

std::optional<MasteringDisplay> mastering_of(const AVStream& stream);
std::optional<ContentLight> light_of(const AVStream& stream);

/// The brightest that there is: the film's, else the display's that it was graded on. 0: nobody knows.
double peak_luminance(const AVStream& stream);

}  // namespace fp::av
