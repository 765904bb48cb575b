// Where an MP4/MOV file keeps its media, from its top-level boxes.
#pragma once

#include <vector>

#include "byte_source.h"
#include "io_context.h"

namespace fp::av {

/// The payloads of the top-level `mdat` boxes, in file order (ISO/IEC 14496-12, 4.2). Reads 8 or 16 bytes a box;
/// stops at the first box that makes no sense. Throws E_IO.
std::vector<ByteRange> media_data_ranges(ByteSource& source);

}  // namespace fp::av
