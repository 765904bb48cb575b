// How a picture is turned and mirrored for display: one of the eight symmetries of a rectangle.
#pragma once

#include <cstdint>

namespace fp::av {

/// Output (x, y) comes from source (y, x) when transposed; then the output is mirrored along x and/or y.
struct Orientation {
  bool transpose = false;
  bool flip_x = false;
  bool flip_y = false;
  bool identity() const { return !transpose && !flip_x && !flip_y; }
};

/// From a display matrix (libavutil/display.h: x' = a x + c y, y' = b x + d y), rounded to a multiple of 90 degrees.
/// nullptr: as stored.
Orientation orientation_of(const int32_t* matrix);

}  // namespace fp::av
