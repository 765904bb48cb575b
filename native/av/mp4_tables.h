// What an MP4/MOV's tables promise, before FFmpeg builds its own from them.
#pragma once

#include "byte_source.h"
#include "cancel.h"
#include "input_limits.h"

namespace fp::av {

/// FFmpeg keeps an entry for each sample of every track, and for each time that an edit shows it: a few bytes can ask
/// for gigabytes. Reads the boxes' headers and the heads of the tables (ISO/IEC 14496-12, 8.6 to 8.8), as FFmpeg will.
/// Throws E_LIMIT for more samples than the limits, or a file of this size, can mean, for edits that show them over
/// and over, and for more tags than a file may have; E_IO, and kCancelled. True: a track of sound has
/// several edits that show some of it.
bool check_mp4_tables(ByteSource& source, const Limits& limits, const Cancel& cancel);

}  // namespace fp::av
