// What FFmpeg decodes the first picture of a PNG file for when it opens it.
#pragma once

#include "byte_source.h"
#include "ffmpeg.h"
#include "input_limits.h"

namespace fp::av {

/// Puts what FFmpeg's decoder makes of the header into `parameters`: size, pixel format, colour, aspect ratio. Leaves
/// them where it makes nothing of it, or where more than the header may tell. Throws E_IO.
void read_png_head(ByteSource& source, const Limits& limits, AVCodecParameters& parameters);

}  // namespace fp::av
