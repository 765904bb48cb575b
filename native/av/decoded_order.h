// The order in which pictures come out, told by decoding them.
#pragma once

#include <vector>

#include "demuxer.h"
#include "frame_index.h"
#include "input_limits.h"
#include "log.h"

namespace fp::av {

/// A picture as it came out of the decoder.
struct DecodedPicture {
  int32_t packet;
  int64_t pts;
};

/// What decodes them.
struct OrderDecoding {
  int threads;
  int reorder_depth;  ///< as Decoder's
};

/// The pictures of these packets, which the demuxer is about to read from the first one on, until one of the packet
/// `stop` or a later one comes out; with INT32_MAX all, and only their order is looked at. Throws what Demuxer and
/// Decoder throw.
std::vector<DecodedPicture> decode_in_order(Demuxer& demuxer, const std::vector<IndexedPacket>& packets, int32_t stop,
                                            const OrderDecoding& how, const Limits& limits, LogSink& sink);

}  // namespace fp::av
