// A frame index as bytes to keep outside: few, and told from those of other streams, programs and versions.
#pragma once

#include <string>
#include <vector>

#include "frame_index.h"
#include "input_limits.h"
#include "span.h"
#include "stream_info.h"

namespace fp::av {

/// About 3 to 9 bytes a frame.
std::vector<uint8_t> save_index(const IndexView& index, const StreamInfo& info);

/// Takes any bytes: throws E_INDEX for what is no whole index of such a stream in a file of so many bytes, or one of
/// another version. What only the packets tell (whether they are there) is left to those who read them.
FrameIndex restore_index(Span bytes, const StreamInfo& info, int64_t file_size, const Limits& limits);

}  // namespace fp::av
