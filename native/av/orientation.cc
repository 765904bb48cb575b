#include "orientation.h"

#include <cstdlib>

namespace fp::av {

Orientation orientation_of(const int32_t* matrix) {
  Orientation orientation;
  if (matrix == nullptr) return orientation;
  const int64_t a = matrix[0];
  const int64_t b = matrix[1];
  const int64_t c = matrix[3];
  const int64_t d = matrix[4];
  orientation.transpose = std::llabs(b) > std::llabs(a);
  orientation.flip_x = (orientation.transpose ? c : a) < 0;
  orientation.flip_y = (orientation.transpose ? b : d) < 0;
  return orientation;
}

}  // namespace fp::av
