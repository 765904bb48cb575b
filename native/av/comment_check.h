// Vorbis comments: the tags of FLAC and Ogg.
#pragma once

#include "byte_window.h"
#include "cancel.h"

namespace fp::av {

/// Tags in the metadata of a FLAC file whose marker stands at a position (RFC 9639, 8). Throws E_LIMIT for more than a
/// file may have; E_IO, and kCancelled.
void check_flac_comments(ByteWindow& window, int64_t at, const Cancel& cancel);

/// Tags in the header packets of an Ogg file's streams (RFC 3533). Throws as the above.
void check_ogg_comments(ByteWindow& window, const Cancel& cancel);

}  // namespace fp::av
