#include "pixel_kernels.h"

#include <array>

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
  const ptrdiff_t pixel = source.channels * (source.deep ? 2 : 1);
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

const std::array<float, 256>& unit_floats() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> values{};
    for (size_t i = 0; i < values.size(); i++) values[i] = static_cast<float>(i) / 255.0F;
    return values;
  }();
  return table;
}

struct ToByte {
  using Out = uint8_t;
  static Out sample(const uint8_t* from, int channel) { return from[channel]; }
};

struct ByteToFloat {
  using Out = float;
  static Out sample(const uint8_t* from, int channel) { return unit_floats()[from[channel]]; }
};

struct ShortToFloat {
  using Out = float;
  static Out sample(const uint8_t* from, int channel) {
    return static_cast<float>(reinterpret_cast<const uint16_t*>(from)[channel]) / 65535.0F;
  }
};

template <typename Convert, int Channels, bool Planar>
void run(const Walk& walk, typename Convert::Out* target) {
  const size_t plane = static_cast<size_t>(walk.width) * static_cast<size_t>(walk.height);
  for (int y = 0; y < walk.height; y++) {
    const uint8_t* from = walk.origin + walk.step_y * y;
    typename Convert::Out* row =
        target + static_cast<size_t>(y) * static_cast<size_t>(walk.width) * (Planar ? 1 : Channels);
    for (int x = 0; x < walk.width; x++, from += walk.step_x) {
      for (int channel = 0; channel < Channels; channel++) {
        const size_t at = Planar ? static_cast<size_t>(channel) * plane + static_cast<size_t>(x)
                                 : static_cast<size_t>(x) * Channels + static_cast<size_t>(channel);
        row[at] = Convert::sample(from, channel);
      }
    }
  }
}

template <typename Convert>
void dispatch(const Walk& walk, int channels, bool planar, uint8_t* bytes) {
  auto* target = reinterpret_cast<typename Convert::Out*>(bytes);
  switch (channels) {
    case 1:
      return run<Convert, 1, false>(walk, target);
    case 3:
      return planar ? run<Convert, 3, true>(walk, target) : run<Convert, 3, false>(walk, target);
    default:
      return planar ? run<Convert, 4, true>(walk, target) : run<Convert, 4, false>(walk, target);
  }
}

}  // namespace

void write_pixels(const PixelView& source, const Orientation& orientation, bool to_float, bool planar,
                  uint8_t* target) {
  const Walk walk = walk_of(source, orientation);
  if (!to_float) {
    dispatch<ToByte>(walk, source.channels, planar, target);
  } else if (source.deep) {
    dispatch<ShortToFloat>(walk, source.channels, planar, target);
  } else {
    dispatch<ByteToFloat>(walk, source.channels, planar, target);
  }
}

}  // namespace fp::av
