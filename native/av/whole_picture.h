// Whether a packet of an early codec, which may leave out what stays as it was, paints all of its picture: containers
// often mark each packet as one to begin with, and these codecs' decoders do not tell.
#pragma once

#include "ffmpeg.h"
#include "span.h"

namespace fp::av {

/// The packets of these say it: Cinepak, Microsoft Video 1, QuickTime's Animation and Video (RPZA).
bool tells_whole_pictures(AVCodecID codec);

struct CodedShape {
  AVCodecID codec;
  int width;
  int height;
  int bits;  ///< of a pixel, as the container has them
};

/// Of one of these codecs. False also where it cannot be told.
bool paints_whole_picture(const CodedShape& shape, Span packet);

}  // namespace fp::av
