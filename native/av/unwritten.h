// Pictures of which a part was never written, without a word of their decoder.
#pragma once

#include "ffmpeg.h"

namespace fp::av {

/// FFV1's decoder ends a slice where it can make nothing of its bytes, as those of a stream with other settings, and
/// hands the picture on. What is in the rest of its memory is an earlier picture.
bool may_leave_unwritten(AVCodecID codec);

/// AVCodecContext::get_buffer2, in any thread: memory in which unwritten() finds what nobody wrote to.
int get_marked_buffer(AVCodecContext* context, AVFrame* frame, int flags);

/// Of a frame in marked memory, cropped or not: some of it is as it was handed out.
bool unwritten(const AVFrame& frame);

}  // namespace fp::av
