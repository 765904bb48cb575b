#include "row_sink.h"

#include <cstring>
#include <utility>

#include "heap.h"

namespace fp::av {

RowSink::RowSink(Converter& converter, OutputSpec spec, const Rows& rows)
    : converter_(converter), spec_(std::move(spec)), rows_(rows) {
  // While pictures are decoded, room for the output would be taken by what it held before.
  for (size_t i = 0; i < rows_.count && spec_.frame_bytes >= kHugePicture; i++) drop_pages(row(i), spec_.frame_bytes);
}

void RowSink::put(const AVFrame& frame, const Orientation& orientation, size_t at, bool given_up) {
  uint8_t* const target = row(at);
  spec_.orientation = orientation;
  spec_.given_up = given_up;
  converter_.convert(frame, spec_, target);
}

void RowSink::repeat(size_t at) { std::memcpy(row(at), row(at - 1), spec_.frame_bytes); }

void RowSink::skip(size_t at) { std::memset(row(at), 0, spec_.frame_bytes); }

uint8_t* RowSink::row(size_t at) const {
  const auto number = static_cast<size_t>(rows_.rows[at]);
  size_t end = 0;
  if (rows_.rows[at] < 0 || __builtin_mul_overflow(number + 1, spec_.frame_bytes, &end) || end > rows_.output_bytes) {
    throw Error("E_INTERNAL", "a row lies outside the output");
  }
  return rows_.output + end - spec_.frame_bytes;
}

}  // namespace fp::av
