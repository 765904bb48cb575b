// Makes the exact frame index of a stream.
#pragma once

#include "demuxer.h"
#include "frame_index.h"
#include "log.h"

namespace fp::av {

/// Reads the packets, and as little of the media as they allow: an MP4's sample table alone, the packets' headers
/// elsewhere, and decodes only what those leave open: the first GOP when its leading pictures may not be decodable,
/// everything when the packets do not tell the pictures or their order.
/// The demuxer must stand at its first packet, and is left anywhere. Throws E_LIMIT, kCancelled, E_IO.
FrameIndex build_index(ByteSource& source, Demuxer& demuxer, const Limits& limits, LogSink& sink);

}  // namespace fp::av
