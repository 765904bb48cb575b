// Bytes that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

struct Span {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

}  // namespace fp::av
