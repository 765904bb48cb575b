// Which of FFmpeg's decoders input may reach.
#pragma once

#include <string>

#include "ffmpeg.h"
#include "input_limits.h"

namespace fp::av {

/// FFmpeg's own choice for the codec. Throws E_UNSUPPORTED_CODEC where it has none, and where the limits do not have
/// it.
const AVCodec& decoder_for(AVCodecID codec, const Limits& limits);

/// The names of FFmpeg's decoders for the codecs of the limits, as its option codec_whitelist takes them; empty for
/// all.
const std::string& decoder_names(const Limits& limits);

}  // namespace fp::av
