#include "planar_rgb.h"

#include <algorithm>

#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace fp::av {

namespace {

int16_t rounded(int64_t factor) {
  return static_cast<int16_t>(std::clamp<int64_t>((factor + (1 << 15)) >> 16, INT16_MIN, INT16_MAX));
}

/// Each product is cut to whole values before they are added: the cuts are part of the result.
int product(int sample, int zero, int16_t factor) { return ((sample - zero) * 8 * factor) >> 16; }

uint8_t clipped(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

void pixels(const PlanarRow& row, size_t from, size_t width, const PlanarRgbFactors& factors, int channels,
            uint8_t* to) {
  for (size_t x = from; x < width; x++) {
    const int blue = row.blue[x / 2];
    const int red = row.red[x / 2];
    const int luma = product(row.luma[x], factors.black, factors.luma);
    uint8_t* const pixel = to + x * static_cast<size_t>(channels);
    pixel[0] = clipped(luma + product(red, 128, factors.red));
    pixel[1] = clipped(luma + product(blue, 128, factors.green_of_blue) + product(red, 128, factors.green_of_red));
    pixel[2] = clipped(luma + product(blue, 128, factors.blue));
    if (channels == 4) pixel[3] = 255;
  }
}

#if defined(__ARM_NEON) && defined(__aarch64__)

constexpr size_t kGroup = 16;

/// product(), of eight: the instruction doubles, so samples are shifted by one less.
int16x8_t products(uint8x8_t samples, int16_t zero, int16_t factor) {
  const int16x8_t wide = vreinterpretq_s16_u16(vshll_n_u8(samples, 2));
  return vqdmulhq_n_s16(vsubq_s16(wide, vdupq_n_s16(static_cast<int16_t>(zero * 4))), factor);
}

/// Sixteen of one colour: the chroma's part counts for two pixels.
uint8x16_t colour(int16x8_t low, int16x8_t high, int16x8_t chroma) {
  const uint8x8_t first = vqmovun_s16(vaddq_s16(low, vzip1q_s16(chroma, chroma)));
  return vqmovun_high_s16(first, vaddq_s16(high, vzip2q_s16(chroma, chroma)));
}

/// Returns how many pixels were made.
size_t groups(const PlanarRow& row, size_t width, const PlanarRgbFactors& factors, int channels, uint8_t* to) {
  size_t x = 0;
  for (; x + kGroup <= width; x += kGroup) {
    const uint8x16_t luma = vld1q_u8(row.luma + x);
    const uint8x8_t blue = vld1_u8(row.blue + x / 2);
    const uint8x8_t red = vld1_u8(row.red + x / 2);
    const int16x8_t low = products(vget_low_u8(luma), factors.black, factors.luma);
    const int16x8_t high = products(vget_high_u8(luma), factors.black, factors.luma);
    const int16x8_t of_green =
        vaddq_s16(products(blue, 128, factors.green_of_blue), products(red, 128, factors.green_of_red));
    const uint8x16_t r = colour(low, high, products(red, 128, factors.red));
    const uint8x16_t g = colour(low, high, of_green);
    const uint8x16_t b = colour(low, high, products(blue, 128, factors.blue));
    // Named: where clang has these functions as macros, the commas of a list would part their arguments.
    if (channels == 4) {
      const uint8x16x4_t pixels{{r, g, b, vdupq_n_u8(255)}};
      vst4q_u8(to + x * 4, pixels);
    } else {
      const uint8x16x3_t pixels{{r, g, b}};
      vst3q_u8(to + x * 3, pixels);
    }
  }
  return x;
}

#else

size_t groups(const PlanarRow&, size_t, const PlanarRgbFactors&, int, uint8_t*) { return 0; }

#endif

}  // namespace

PlanarRgbFactors planar_rgb_factors(const int* coefficients, bool full_range) {
  constexpr int64_t kThirteenBits = 1 << 13;
  const auto chroma = [&](int coefficient) {
    const int64_t factor = full_range ? int64_t{coefficient} * 224 / 255 : coefficient;
    return rounded(factor * kThirteenBits);
  };
  const int64_t luma = full_range ? 1 << 16 : (int64_t{1} << 16) * 255 / 219;
  return {rounded(luma * kThirteenBits), static_cast<int16_t>(full_range ? 0 : 16),
          chroma(coefficients[0]),       chroma(-coefficients[2]),
          chroma(-coefficients[3]),      chroma(coefficients[1])};
}

void planar_rgb_row(const PlanarRow& row, size_t width, const PlanarRgbFactors& factors, int channels, uint8_t* to) {
  pixels(row, groups(row, width, factors, channels, to), width, factors, channels, to);
}

}  // namespace fp::av
