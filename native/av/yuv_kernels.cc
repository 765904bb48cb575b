#include "yuv_kernels.h"

#include <algorithm>
#include <cstdlib>

#include "by_processor.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace fp::av {

namespace {

FP_INLINE void weigh_colours(const uint8_t* __restrict red, const uint8_t* __restrict green,
                             const uint8_t* __restrict blue, size_t width, const int32_t* factors, int32_t rounding,
                             int16_t* __restrict to) {
  const auto r = static_cast<int16_t>(factors[0]);
  const auto g = static_cast<int16_t>(factors[1]);
  const auto b = static_cast<int16_t>(factors[2]);
  for (size_t i = 0; i < width; i++) {
    to[i] = static_cast<int16_t>((static_cast<int16_t>(red[i]) * r + static_cast<int16_t>(green[i]) * g +
                                  static_cast<int16_t>(blue[i]) * b + rounding) >>
                                 9);
  }
}

FP_INLINE int16_t pair(const uint8_t* of, size_t i) { return static_cast<int16_t>(of[2 * i] + of[2 * i + 1]); }

/// A piece of a line that stays in registers and the first cache: sums of 32 bits.
constexpr size_t kPiece = 32;

#if defined(__SSE2__)

FP_INLINE __m128i load(const int16_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

/// Two rows at a time: the products of a pair of samples are added in one instruction.
FP_INLINE void weigh_rows(const int16_t* const* rows, const int16_t* weight, size_t taps, size_t begin, int32_t start,
                          int32_t* sums) {
  for (size_t x = 0; x < kPiece; x += 8) {
    __m128i low = _mm_set1_epi32(start);
    __m128i high = low;
    for (size_t tap = 0; tap < taps; tap += 2) {
      const __m128i a = load(rows[tap] + begin + x);
      const __m128i b = load(rows[tap + 1] + begin + x);
      const __m128i by = _mm_unpacklo_epi16(_mm_set1_epi16(weight[tap]), _mm_set1_epi16(weight[tap + 1]));
      low = _mm_add_epi32(low, _mm_madd_epi16(_mm_unpacklo_epi16(a, b), by));
      high = _mm_add_epi32(high, _mm_madd_epi16(_mm_unpackhi_epi16(a, b), by));
    }
    _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + x), low);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(sums + x + 4), high);
  }
}

FP_INLINE __m128i two_by_four(const int16_t* from, const int16_t* weight, const int32_t* position) {
  const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + position[0]));
  const __m128i second = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + position[1]));
  return _mm_madd_epi16(_mm_unpacklo_epi64(first, second), load(weight));
}

/// Four results of four taps each.
FP_INLINE __m128i four_by_four(const int16_t* from, const int16_t* weight, const int32_t* position) {
  const __m128 a = _mm_castsi128_ps(two_by_four(from, weight, position));
  const __m128 b = _mm_castsi128_ps(two_by_four(from, weight + 8, position + 2));
  const __m128 even = _mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0));
  const __m128 odd = _mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1));
  return _mm_add_epi32(_mm_castps_si128(even), _mm_castps_si128(odd));
}

FP_INLINE __m128i one_by_eights(const int16_t* from, const int16_t* weight, size_t taps) {
  __m128i sum = _mm_madd_epi16(load(from), load(weight));
  for (size_t tap = 8; tap < taps; tap += 8) {
    sum = _mm_add_epi32(sum, _mm_madd_epi16(load(from + tap), load(weight + tap)));
  }
  return sum;
}

/// Four results of eight taps each, or a multiple of that.
FP_INLINE __m128i four_by_eights(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps) {
  const __m128i a = one_by_eights(from + position[0], weight, taps);
  const __m128i b = one_by_eights(from + position[1], weight + taps, taps);
  const __m128i c = one_by_eights(from + position[2], weight + 2 * taps, taps);
  const __m128i d = one_by_eights(from + position[3], weight + 3 * taps, taps);
  const __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
  const __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
  return _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}

/// Returns how many of them it has done.
FP_INLINE size_t filter_in_fours(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps,
                                 size_t width, int16_t* to) {
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const __m128i sums = taps == 4 ? four_by_four(from, weight + 4 * i, position + i)
                                   : four_by_eights(from, weight + taps * i, position + i, taps);
    const __m128i shifted = _mm_srai_epi32(sums, 13);
    // Saturates at the 15 bits that are the most.
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + i), _mm_packs_epi32(shifted, shifted));
  }
  return i;
}

#elif defined(__ARM_NEON) && defined(__aarch64__)

/// Two rows at a time, as above; products of 16 bits by 16 are added in 32, so the order does not show.
FP_INLINE void weigh_rows(const int16_t* const* rows, const int16_t* weight, size_t taps, size_t begin, int32_t start,
                          int32_t* sums) {
  for (size_t x = 0; x < kPiece; x += 8) {
    int32x4_t low = vdupq_n_s32(start);
    int32x4_t high = low;
    for (size_t tap = 0; tap < taps; tap++) {
      const int16x8_t row = vld1q_s16(rows[tap] + begin + x);
      const int16x8_t by = vdupq_n_s16(weight[tap]);
      low = vmlal_s16(low, vget_low_s16(row), vget_low_s16(by));
      high = vmlal_high_s16(high, row, by);
    }
    vst1q_s32(sums + x, low);
    vst1q_s32(sums + x + 4, high);
  }
}

/// Four results of four taps each.
FP_INLINE int32x4_t four_by_four(const int16_t* from, const int16_t* weight, const int32_t* position) {
  const auto one = [&](size_t i) { return vmull_s16(vld1_s16(from + position[i]), vld1_s16(weight + 4 * i)); };
  return vpaddq_s32(vpaddq_s32(one(0), one(1)), vpaddq_s32(one(2), one(3)));
}

FP_INLINE int32x4_t one_by_eights(const int16_t* from, const int16_t* weight, size_t taps) {
  int32x4_t sum = vdupq_n_s32(0);
  for (size_t tap = 0; tap < taps; tap += 8) {
    const int16x8_t samples = vld1q_s16(from + tap);
    const int16x8_t by = vld1q_s16(weight + tap);
    sum = vmlal_s16(sum, vget_low_s16(samples), vget_low_s16(by));
    sum = vmlal_high_s16(sum, samples, by);
  }
  return sum;
}

/// Four results of eight taps each, or a multiple of that.
FP_INLINE int32x4_t four_by_eights(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps) {
  const int32x4_t a = one_by_eights(from + position[0], weight, taps);
  const int32x4_t b = one_by_eights(from + position[1], weight + taps, taps);
  const int32x4_t c = one_by_eights(from + position[2], weight + 2 * taps, taps);
  const int32x4_t d = one_by_eights(from + position[3], weight + 3 * taps, taps);
  return vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
}

/// Returns how many of them it has done.
FP_INLINE size_t filter_in_fours(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps,
                                 size_t width, int16_t* to) {
  size_t i = 0;
  for (; i + 4 <= width; i += 4) {
    const int32x4_t sums = taps == 4 ? four_by_four(from, weight + 4 * i, position + i)
                                     : four_by_eights(from, weight + taps * i, position + i, taps);
    // Saturates at the 15 bits that are the most.
    vst1_s16(to + i, vqmovn_s32(vshrq_n_s32(sums, 13)));
  }
  return i;
}

#else

FP_INLINE void weigh_rows(const int16_t* const* rows, const int16_t* weight, size_t taps, size_t begin, int32_t start,
                          int32_t* __restrict sums) {
  for (size_t x = 0; x < kPiece; x++) sums[x] = start;
  for (size_t tap = 0; tap < taps; tap++) {
    const int16_t* __restrict row = rows[tap] + begin;
    const int16_t by = weight[tap];
    for (size_t x = 0; x < kPiece; x++) sums[x] += row[x] * by;
  }
}

FP_INLINE size_t filter_in_fours(const int16_t*, const int16_t*, const int32_t*, size_t, size_t, int16_t*) { return 0; }

#endif

/// Of 30 bits with 22 behind the point; what wraps around counts as below or above, as in swscale.
FP_INLINE uint8_t byte_of(uint32_t value) {
  const auto number = static_cast<int32_t>(value);
  return static_cast<uint8_t>(std::clamp(number, 0, (1 << 30) - 1) >> 22);
}

FP_INLINE void luma_row_loop(const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to) {
  weigh_colours(colours[0], colours[1], colours[2], width, factors, (32 << 14) + (1 << 8), to);
}

FP_INLINE void chroma_row_loop(const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to) {
  weigh_colours(colours[0], colours[1], colours[2], width, factors, (256 << 14) + (1 << 8), to);
}

FP_INLINE void half_chroma_row_loop(const uint8_t* const* colours, size_t width, const int32_t* factors,
                                    int16_t* __restrict to) {
  const uint8_t* __restrict red = colours[0];
  const uint8_t* __restrict green = colours[1];
  const uint8_t* __restrict blue = colours[2];
  const auto r = static_cast<int16_t>(factors[0]);
  const auto g = static_cast<int16_t>(factors[1]);
  const auto b = static_cast<int16_t>(factors[2]);
  for (size_t i = 0; i < width; i++) {
    to[i] = static_cast<int16_t>((pair(red, i) * r + pair(green, i) * g + pair(blue, i) * b + (256 << 15) + (1 << 9)) >>
                                 10);
  }
}

FP_INLINE void filter_row_loop(const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps,
                               size_t width, int16_t* to) {
  constexpr int32_t kMost = (1 << 15) - 1;
  size_t i = taps == 4   ? filter_in_fours(from, weight, position, 4, width, to)
             : taps == 8 ? filter_in_fours(from, weight, position, 8, width, to)
                         : filter_in_fours(from, weight, position, taps, width, to);
  for (; i < width; i++) {
    int32_t sum = 0;
    for (size_t j = 0; j < taps; j++) sum += from[static_cast<size_t>(position[i]) + j] * weight[i * taps + j];
    to[i] = static_cast<int16_t>(std::min(sum >> 13, kMost));
  }
}

FP_INLINE void rgb_row_loop(const YuvRows& rows, const int32_t* factors, size_t width, uint8_t* to) {
  const auto offset = static_cast<uint32_t>(factors[0]);
  const auto scale = static_cast<uint32_t>(factors[1]);
  const auto red_red = static_cast<uint32_t>(factors[2]);
  const auto green_red = static_cast<uint32_t>(factors[3]);
  const auto green_blue = static_cast<uint32_t>(factors[4]);
  const auto blue_blue = static_cast<uint32_t>(factors[5]);
  constexpr int32_t kChroma = (1 << 9) - (128 << 19);
  int32_t luma[kPiece];
  int32_t blues[kPiece];
  int32_t reds[kPiece];
  uint8_t made[3][kPiece];
  for (size_t begin = 0; begin < width; begin += kPiece) {
    weigh_rows(rows.luma, rows.weight, rows.taps, begin, 1 << 9, luma);
    weigh_rows(rows.blue, rows.weight, rows.taps, begin, kChroma, blues);
    weigh_rows(rows.red, rows.weight, rows.taps, begin, kChroma, reds);
    for (size_t x = 0; x < kPiece; x++) {
      const uint32_t y = (static_cast<uint32_t>(luma[x] >> 10) - offset) * scale + (1U << 21);
      const auto u = static_cast<uint32_t>(blues[x] >> 10);
      const auto v = static_cast<uint32_t>(reds[x] >> 10);
      made[0][x] = byte_of(y + v * red_red);
      made[1][x] = byte_of(y + v * green_red + u * green_blue);
      made[2][x] = byte_of(y + u * blue_blue);
    }
    const size_t piece = std::min(kPiece, width - begin);
    uint8_t* target = to + 3 * begin;
    for (size_t x = 0; x < piece; x++) {
      target[3 * x] = made[0][x];
      target[3 * x + 1] = made[1][x];
      target[3 * x + 2] = made[2][x];
    }
  }
}

}  // namespace

FP_BY_PROCESSOR(luma_row, (const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to),
                (colours, width, factors, to))

FP_BY_PROCESSOR(chroma_row, (const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to),
                (colours, width, factors, to))

FP_BY_PROCESSOR(half_chroma_row, (const uint8_t* const* colours, size_t width, const int32_t* factors, int16_t* to),
                (colours, width, factors, to))

FP_BY_PROCESSOR(filter_row,
                (const int16_t* from, const int16_t* weight, const int32_t* position, size_t taps, size_t width,
                 int16_t* to),
                (from, weight, position, taps, width, to))

FP_BY_PROCESSOR(rgb_row, (const YuvRows& rows, const int32_t* factors, size_t width, uint8_t* to),
                (rows, factors, width, to))

}  // namespace fp::av
