// Where a request's row lies in its output.
#pragma once

#include <cstddef>
#include <cstdint>

#include "error.h"

namespace fp::av {

/// Throws E_INTERNAL for a row outside the output.
template <typename Request>
uint8_t* output_row(const Request& request, size_t at) {
  const auto number = static_cast<size_t>(request.rows[at]);
  size_t end = 0;
  if (request.rows[at] < 0 || __builtin_mul_overflow(number + 1, request.spec.frame_bytes, &end) ||
      end > request.output_bytes) {
    throw Error("E_INTERNAL", "a row lies outside the output");
  }
  return request.output + end - request.spec.frame_bytes;
}

}  // namespace fp::av
