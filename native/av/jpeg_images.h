// The images of a Motion JPEG packet, told by their markers.
#pragma once

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

/// An image lacks the scan of a component, or the quantiser of one. Its decoder hands out silently what no scan wrote
/// to, and takes the last quantiser that it was given.
bool misses_parts(Span packet);

}  // namespace fp::av
