// Pictures of which a part was never written, without a word of their decoder.
#pragma once

#include "ffmpeg.h"

namespace fp::av {

/// Its decoder leaves off where it can make nothing of a slice's bytes (FFV1's, as those of a stream with other
/// settings) or has no more of them (APNG's, JPEG-LS's, and VP8's with one thread), and hands the picture on. What is
/// in the rest of its memory is an earlier picture.
bool may_leave_unwritten(AVCodecID codec);

/// Before it is opened: its pictures get memory, in any thread, in which unwritten() finds what nobody wrote to.
void use_marked_buffers(AVCodecContext& context);

/// Of a frame of `codec` in marked memory, cropped or not: some of it is as it was handed out.
bool unwritten(const AVFrame& frame, AVCodecID codec);

}  // namespace fp::av
