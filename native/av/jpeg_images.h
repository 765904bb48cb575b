// The images of a Motion JPEG packet, told by their markers.
#pragma once

#include "huffman_tables.h"
#include "span.h"

namespace fp::av {

struct JpegImages {
  int count = 0;
  int height = 0;  ///< of the lowest
};

JpegImages look_at_jpeg(Span packet);

/// libavcodec's rule for the first packet of a stream: where its image is less than three quarters as high as the
/// container says, images are fields.
bool holds_fields(Span packet, int container_height);

/// What a packet's images need and does not come with them.
struct MissingParts {
  /// The scan of a component, or the quantiser of one: their decoder hands out silently what no scan wrote to, and
  /// takes the last quantiser that it was given.
  bool any = false;
  /// Tables that a scan is coded with: it takes the last ones.
  HuffmanTables::Places tables;
};

MissingParts missing_parts(Span packet);

/// The tables that come with a packet.
HuffmanTables read_tables(Span packet);

}  // namespace fp::av
