// What only a stream's first packet says of how all of it is to be decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "coded_units.h"
#include "handles.h"
#include "huffman_tables.h"

namespace fp::av {

/// A decoder that begins elsewhere has to be told.
struct StreamHead {
  /// H.264: x264's build, as an SEI message states it once; old builds got parts of the standard wrong, and libavcodec
  /// decodes what they meant. -1 unknown.
  int x264_build = -1;
  /// MPEG-4: what stands before the first picture; user data there names encoders whose faults libavcodec works around.
  std::vector<uint8_t> headers;
  /// Motion JPEG: for pictures without tables of their own. Without the first packet's, the standard's.
  std::optional<HuffmanTables> tables;
};

/// Of the stream's first packet.
StreamHead read_head(const AVCodecParameters& parameters, const AVPacket& packet);
/// The x264 build that a packet of H.264 states, -1 without one.
int x264_build_of(const AVPacket& packet, const CodedUnits& units);

}  // namespace fp::av
