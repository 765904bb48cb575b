// What headers other than MP4's promise, before FFmpeg believes it.
#pragma once

#include "byte_source.h"
#include "cancel.h"
#include "ffmpeg.h"
#include "input_limits.h"

namespace fp::av {

/// A few bytes can make FFmpeg ask for gigabytes, or compare each of many tags with all others. Throws E_LIMIT for
/// headers that promise more than the file can hold, or more than the limits; E_IO, and kCancelled.
/// `format` stands at the file's begin, as probing left it.
void check_header(ByteSource& source, AVFormatContext& format, const InputFormat& kind, const Limits& limits,
                  const Cancel& cancel);

}  // namespace fp::av
