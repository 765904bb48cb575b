// Supplemental enhancement information of H.264 and HEVC (H.264 7.3.2.3, H.265 7.3.5): messages one after the other,
// each with its type and its size in bytes.
#pragma once

#include "bit_reader.h"
#include "span.h"

namespace fp::av {

/// Calls `visit(type, size, message)` with each that is there as a whole until it returns false; `payload`: of the
/// unit.
template <typename Visit>
void for_each_message(Span payload, Visit visit) {
  BitReader bits(payload.data, payload.size, true);
  const auto number = [&] {
    uint32_t value = 0;
    for (uint32_t byte = 0xff; byte == 0xff && !bits.overrun();) value += byte = bits.bits(8);
    return value;
  };
  // The bits that end a unit are no message.
  while (bits.left() > 2) {
    const uint32_t type = number();
    const uint32_t size = number();
    const BitReader message = bits;
    for (uint32_t i = 0; i < size && !bits.overrun(); i++) bits.bits(8);
    if (bits.overrun() || !visit(type, size_t{size}, message)) return;
  }
}

}  // namespace fp::av
