// Bounds on hostile input. The defaults live in src/options.ts and src/protocol/codecs.ts; these are only their types.
#pragma once

#include <cstdint>
#include <string>

namespace fp::av {

struct Limits {
  int64_t max_pixels = 0;         ///< width x height of one picture
  int32_t max_streams = 0;        ///< streams in a container
  int32_t max_index_packets = 0;  ///< packets of the chosen stream; samples in all tables of a container
  std::string formats;            ///< names of FFmpeg's demuxers, with commas between; empty for all
  std::string codecs;             ///< FFmpeg's names of codecs, likewise
};

}  // namespace fp::av
