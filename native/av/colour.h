// The colour of a stream's pictures.
#pragma once

#include "ffmpeg.h"

namespace fp::av {

/// What a stream says of the colour of its pictures.
struct Colour {
  AVColorSpace space = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;

  bool operator==(const Colour& other) const {
    return space == other.space && range == other.range && primaries == other.primaries && transfer == other.transfer;
  }
  bool operator!=(const Colour& other) const { return !(*this == other); }
};

}  // namespace fp::av
