#include "row_kernels.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "by_processor.h"

namespace fp::av {

namespace {

template <typename Sample>
FP_INLINE void split_three(const Sample* __restrict from, size_t width, Sample* __restrict a, Sample* __restrict b,
                           Sample* __restrict c) {
  for (size_t i = 0; i < width; i++) {
    a[i] = from[3 * i];
    b[i] = from[3 * i + 1];
    c[i] = from[3 * i + 2];
  }
}

template <typename Sample>
FP_INLINE void split_four(const Sample* __restrict from, size_t width, Sample* __restrict a, Sample* __restrict b,
                          Sample* __restrict c, Sample* __restrict d) {
  for (size_t i = 0; i < width; i++) {
    a[i] = from[4 * i];
    b[i] = from[4 * i + 1];
    c[i] = from[4 * i + 2];
    d[i] = from[4 * i + 3];
  }
}

template <typename Sample>
FP_INLINE void split_row_loop(const Sample* from, size_t width, int channels, Sample* const* rows) {
  if (channels == 3) {
    split_three(from, width, rows[0], rows[1], rows[2]);
  } else {
    split_four(from, width, rows[0], rows[1], rows[2], rows[3]);
  }
}

template <typename Sample>
FP_INLINE void floats_of_loop(const Sample* __restrict from, size_t count, float* __restrict to) {
  constexpr auto kTop = static_cast<float>(std::numeric_limits<Sample>::max());
  for (size_t i = 0; i < count; i++) to[i] = static_cast<float>(from[i]) / kTop;
}

FP_INLINE uint32_t bits_of(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// From a float's bits, and from those of its magnitude plus kHalf. Every case is computed and one is chosen: no
/// branches, so that it becomes vector code.
FP_INLINE uint16_t half_of(uint32_t all, uint32_t raised, uint32_t raised_zero) {
  constexpr uint32_t kSmallestNormal = 0x38800000;  // 2^-14
  constexpr uint32_t kTooLarge = 0x477ff000;        // 65520: rounds to infinity
  constexpr uint32_t kInfinity = 0x7f800000;
  const uint32_t bits = all & 0x7fffffff;
  const uint32_t normal = (bits + 0xfff + ((bits >> 13) & 1) - (112U << 23)) >> 13;
  uint32_t half = bits < kSmallestNormal ? raised - raised_zero : normal;
  half = bits >= kTooLarge ? 0x7c00U : half;
  half = bits > kInfinity ? 0x7e00U : half;
  return static_cast<uint16_t>(half | ((all >> 16) & 0x8000));
}

FP_INLINE void halves_of_loop(const float* __restrict from, size_t count, uint16_t* __restrict to) {
  constexpr float kHalf = 0.5F;  // its last bit has the weight of a half's smallest step, 2^-24
  constexpr size_t kPiece = 64;
  float raised[kPiece] = {};
  for (size_t begin = 0; begin < count; begin += kPiece) {
    const size_t piece = count - begin < kPiece ? count - begin : kPiece;
    for (size_t i = 0; i < piece; i++) raised[i] = std::fabs(from[begin + i]) + kHalf;
    for (size_t i = 0; i < piece; i++) {
      to[begin + i] = half_of(bits_of(from[begin + i]), bits_of(raised[i]), bits_of(kHalf));
    }
  }
}

FP_INLINE void normalize_row_loop(float* samples, size_t count, float mean, float deviation) {
  for (size_t i = 0; i < count; i++) samples[i] = (samples[i] - mean) / deviation;
}

FP_INLINE void normalize_row_loop(float* __restrict samples, size_t count, const float* __restrict mean,
                                  const float* __restrict deviation) {
  for (size_t i = 0; i < count; i++) samples[i] = (samples[i] - mean[i]) / deviation[i];
}

}  // namespace

FP_BY_PROCESSOR(split_row, (const uint8_t* from, size_t width, int channels, uint8_t* const* rows),
                (from, width, channels, rows))

FP_BY_PROCESSOR(split_row, (const uint16_t* from, size_t width, int channels, uint16_t* const* rows),
                (from, width, channels, rows))

FP_BY_PROCESSOR(floats_of, (const uint8_t* from, size_t count, float* to), (from, count, to))

FP_BY_PROCESSOR(floats_of, (const uint16_t* from, size_t count, float* to), (from, count, to))

FP_BY_PROCESSOR(normalize_row, (float* samples, size_t count, float mean, float deviation),
                (samples, count, mean, deviation))

FP_BY_PROCESSOR(normalize_row, (float* samples, size_t count, const float* mean, const float* deviation),
                (samples, count, mean, deviation))

FP_BY_PROCESSOR(halves_of, (const float* from, size_t count, uint16_t* to), (from, count, to))

}  // namespace fp::av
