#include "byte_source.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "error.h"
#include "ffmpeg.h"

namespace fp::av {

void throw_read_failure(int error) {
  if (error == AVERROR_EXIT) throw Error(kCancelled, "cancelled", error);
  const std::string why = error == AVERROR_EOF ? "it became shorter while it was read" : describe(error);
  throw Error("E_IO", "reading failed: " + why, error);
}

int MemorySource::read(int64_t position, uint8_t* target, int length) noexcept {
  if (position >= size_) return 0;
  const int64_t count = std::min<int64_t>(length, size_ - position);
  std::memcpy(target, data_ + position, static_cast<size_t>(count));
  return static_cast<int>(count);
}

}  // namespace fp::av
