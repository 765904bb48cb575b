#include "pixel_view.h"

#include <cstring>

namespace fp::av {

namespace {

/// Where output pixel (0, 0) is read, and how far one step along the output's x and y moves in the source, in bytes.
struct Walk {
  const uint8_t* origin;
  ptrdiff_t step_x;
  ptrdiff_t step_y;
  int width;
  int height;
};

Walk walk_of(const PixelView& source, const Orientation& orientation) {
  const ptrdiff_t pixel = source.pixel_bytes();
  Walk walk{source.data, pixel, source.stride, source.width, source.height};
  if (orientation.transpose) walk = {source.data, source.stride, pixel, source.height, source.width};
  if (orientation.flip_x) {
    walk.origin += walk.step_x * (walk.width - 1);
    walk.step_x = -walk.step_x;
  }
  if (orientation.flip_y) {
    walk.origin += walk.step_y * (walk.height - 1);
    walk.step_y = -walk.step_y;
  }
  return walk;
}

/// Along the source's rows, so that each is read in one go however few rows of the output it goes to.
template <size_t Pixel>
void turn(const Walk& walk, bool by_columns, int first, int count, uint8_t* to, ptrdiff_t stride) {
  const uint8_t* origin = walk.origin + walk.step_y * first;
  if (by_columns) {
    for (int x = 0; x < walk.width; x++) {
      const uint8_t* from = origin + walk.step_x * x;
      uint8_t* target = to + static_cast<ptrdiff_t>(Pixel) * x;
      for (int y = 0; y < count; y++) std::memcpy(target + stride * y, from + walk.step_y * y, Pixel);
    }
    return;
  }
  for (int y = 0; y < count; y++) {
    const uint8_t* from = origin + walk.step_y * y;
    uint8_t* target = to + stride * y;
    for (int x = 0; x < walk.width; x++) {
      std::memcpy(target + static_cast<ptrdiff_t>(Pixel) * x, from + walk.step_x * x, Pixel);
    }
  }
}

}  // namespace

void complete_pairs(const PixelView& view, uint8_t* memory) {
  if (view.width % 2 == 0) return;
  const auto pixel = static_cast<size_t>(view.pixel_bytes());
  for (int y = 0; y < view.height; y++) {
    uint8_t* behind = memory + view.stride * y + view.row_bytes();
    std::memset(behind, 0, pixel);
  }
}

void turn_rows(const PixelView& source, const Orientation& orientation, int first, int count, uint8_t* to,
               ptrdiff_t stride) {
  const Walk walk = walk_of(source, orientation);
  const bool columns = orientation.transpose;
  switch (source.pixel_bytes()) {
    case 1:
      return turn<1>(walk, columns, first, count, to, stride);
    case 2:
      return turn<2>(walk, columns, first, count, to, stride);
    case 3:
      return turn<3>(walk, columns, first, count, to, stride);
    case 4:
      return turn<4>(walk, columns, first, count, to, stride);
    case 6:
      return turn<6>(walk, columns, first, count, to, stride);
    default:
      return turn<8>(walk, columns, first, count, to, stride);
  }
}

}  // namespace fp::av
