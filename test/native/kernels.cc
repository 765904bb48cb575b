// The vector kernels against plain loops, for every number of taps and widths
// around those of a vector: whatever a processor's version does, the bytes are
// the same. Compiled alone, with FP_KERNELS_ALONE, it runs where FFmpeg is not.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "../../native/av/row_kernels.h"
#include "../../native/av/yuv_kernels.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

constexpr size_t kWidest = 150;

template <typename Value>
bool same(const std::vector<Value>& a, const std::vector<Value>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Value)) == 0;
}

template <typename Sample>
std::vector<Sample> samples(Random& random, size_t count, int64_t lowest, int64_t highest) {
  std::vector<Sample> made(count);
  for (Sample& one : made) {
    one = static_cast<Sample>(lowest + static_cast<int64_t>(random.below(static_cast<size_t>(highest - lowest + 1))));
  }
  return made;
}

template <typename Sample>
void splitting(Random& random, size_t width) {
  constexpr auto kTop = std::numeric_limits<Sample>::max();
  for (size_t channels = 3; channels <= 4; channels++) {
    const auto from = samples<Sample>(random, width * channels, 0, kTop);
    std::vector<Sample> made(width * channels);
    std::vector<Sample> expected(width * channels);
    Sample* rows[4] = {made.data(), made.data() + width, made.data() + 2 * width, made.data() + (channels - 1) * width};
    av::split_row(from.data(), width, static_cast<int>(channels), rows);
    for (size_t i = 0; i < from.size(); i++) expected[i % channels * width + i / channels] = from[i];
    CHECK(same(made, expected));
  }
  const auto from = samples<Sample>(random, width, 0, kTop);
  std::vector<float> made(width);
  std::vector<float> expected(width);
  av::floats_of(from.data(), width, made.data());
  for (size_t i = 0; i < width; i++) expected[i] = static_cast<float>(from[i]) / static_cast<float>(kTop);
  CHECK(same(made, expected));
}

void normalising(Random& random, size_t width) {
  const auto whole = samples<int32_t>(random, 3 * width, 1, 1 << 20);
  std::vector<float> values(whole.begin(), whole.end());
  for (float& one : values) one /= 1 << 20;
  const float* mean = values.data() + width;
  const float* deviation = values.data() + 2 * width;
  std::vector<float> made(values.begin(), values.begin() + static_cast<ptrdiff_t>(width));
  std::vector<float> expected(width);
  // Each step is rounded: a fused one would differ.
  const auto step = [](float value, float by, float over) {
    const volatile float difference = value - by;
    return difference / over;
  };
  for (size_t i = 0; i < width; i++) expected[i] = step(values[i], mean[i], deviation[i]);
  av::normalize_row(made.data(), width, mean, deviation);
  CHECK(same(made, expected));
  made.assign(values.begin(), values.begin() + static_cast<ptrdiff_t>(width));
  for (size_t i = 0; i < width; i++) expected[i] = step(values[i], mean[0], deviation[0]);
  av::normalize_row(made.data(), width, mean[0], deviation[0]);
  CHECK(same(made, expected));
}

/// The nearest half, ties to even, by arithmetic on doubles.
uint16_t half(float value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double size = std::fabs(static_cast<double>(value));
  if (std::isnan(value)) return sign | 0x7e00;
  int exponent = 0;
  std::frexp(size, &exponent);
  const int weight = std::max(exponent - 11, -24);
  const double steps = std::nearbyint(std::ldexp(size, -weight));
  if (std::ldexp(steps, weight) > 65504) return sign | 0x7c00;
  const auto whole = static_cast<uint32_t>(steps);
  return static_cast<uint16_t>(sign | (whole + (static_cast<uint32_t>(weight + 24) << 10)));
}

void halving(Random& random, size_t width) {
  auto bits = samples<uint32_t>(random, width, 0, UINT32_MAX);
  // Between the smallest and the largest of halves as often as not.
  for (uint32_t& one : bits) {
    if ((one & 1) == 0) one = (one & 0x80ffffff) | (0x33 + one / 2 % 0x16) << 24;
  }
  std::vector<float> from(width);
  std::memcpy(from.data(), bits.data(), width * sizeof(float));
  std::vector<uint16_t> made(width);
  std::vector<uint16_t> expected(width);
  av::halves_of(from.data(), width, made.data());
  std::transform(from.begin(), from.end(), expected.begin(), half);
  CHECK(same(made, expected));
}

void to_yuv(Random& random, size_t width) {
  const auto colours = samples<uint8_t>(random, 6 * width, 0, 255);
  const uint8_t* const rows[3] = {colours.data(), colours.data() + 2 * width, colours.data() + 4 * width};
  const auto factors = samples<int32_t>(random, 3, -14'000, 14'000);
  std::vector<int16_t> made(width);
  std::vector<int16_t> expected(width);
  const auto weighed = [&](size_t i) {
    return rows[0][i] * factors[0] + rows[1][i] * factors[1] + rows[2][i] * factors[2];
  };
  const auto expect = [&](auto value) {
    for (size_t i = 0; i < width; i++) expected[i] = static_cast<int16_t>(value(i));
    CHECK(same(made, expected));
  };
  av::luma_row(rows, width, factors.data(), made.data());
  expect([&](size_t i) { return (weighed(i) + (32 << 14) + (1 << 8)) >> 9; });
  av::chroma_row(rows, width, factors.data(), made.data());
  expect([&](size_t i) { return (weighed(i) + (256 << 14) + (1 << 8)) >> 9; });
  av::half_chroma_row(rows, width, factors.data(), made.data());
  expect([&](size_t i) { return (weighed(2 * i) + weighed(2 * i + 1) + (256 << 15) + (1 << 9)) >> 10; });
}

void filtering(Random& random, size_t width, size_t taps) {
  const auto from = samples<int16_t>(random, 400, 0, INT16_MAX);
  // The weights of one result add up to about 1 << 14, as swscale's do, and now
  // and then to a little more.
  const auto most = static_cast<int64_t>((17 << 10) / taps);
  const auto weight = samples<int16_t>(random, width * taps, -most / 8, most);
  const auto position = samples<int32_t>(random, width, 0, static_cast<int64_t>(from.size() - taps));
  std::vector<int16_t> made(width);
  std::vector<int16_t> expected(width);
  av::filter_row(from.data(), weight.data(), position.data(), taps, width, made.data());
  for (size_t i = 0; i < width; i++) {
    int64_t sum = 0;
    for (size_t tap = 0; tap < taps; tap++) {
      sum += from[static_cast<size_t>(position[i]) + tap] * weight[i * taps + tap];
    }
    expected[i] = static_cast<int16_t>(std::min<int64_t>(sum >> 13, INT16_MAX));
  }
  CHECK(same(made, expected));
}

uint8_t clipped(int64_t value) {
  // Sums of 32 bits wrap around in swscale too.
  const auto number = static_cast<int32_t>(static_cast<uint32_t>(value));
  return static_cast<uint8_t>(std::clamp(number, 0, (1 << 30) - 1) >> 22);
}

void to_rgb(Random& random, size_t width, size_t taps) {
  const size_t padded = (width + 31) / 32 * 32;
  const auto lines = samples<int16_t>(random, 3 * taps * padded, 0, INT16_MAX);
  const auto weight = samples<int16_t>(random, taps, 0, static_cast<int64_t>((1 << 12) / taps));
  const auto factors = samples<int32_t>(random, 6, -0x4000, 0x7fff);
  std::vector<const int16_t*> rows[3];
  for (size_t i = 0; i < 3 * taps; i++) rows[i / taps].push_back(lines.data() + i * padded);
  std::vector<uint8_t> made(3 * width);
  std::vector<uint8_t> expected(3 * width);
  av::rgb_row({rows[0].data(), rows[1].data(), rows[2].data(), weight.data(), taps}, factors.data(), width,
              made.data());
  for (size_t x = 0; x < width; x++) {
    int32_t sum[3] = {1 << 9, (1 << 9) - (128 << 19), (1 << 9) - (128 << 19)};
    for (size_t i = 0; i < 3; i++) {
      for (size_t tap = 0; tap < taps; tap++) sum[i] += rows[i][tap][x] * weight[tap];
    }
    const int64_t y = int64_t{(sum[0] >> 10) - factors[0]} * factors[1] + (1 << 21);
    const int64_t u = sum[1] >> 10;
    const int64_t v = sum[2] >> 10;
    expected[3 * x] = clipped(y + v * factors[2]);
    expected[3 * x + 1] = clipped(y + v * factors[3] + u * factors[4]);
    expected[3 * x + 2] = clipped(y + u * factors[5]);
  }
  CHECK(same(made, expected));
}

}  // namespace

void check_kernels() {
  Random random(7);
  for (size_t width = 1; width <= kWidest; width++) {
    splitting<uint8_t>(random, width);
    splitting<uint16_t>(random, width);
    normalising(random, width);
    halving(random, width);
    to_yuv(random, width);
    for (const size_t taps : {4, 8, 16, 24, 80}) filtering(random, width, taps);
    for (const size_t taps : {2, 4, 6, 80}) to_rgb(random, width, taps);
  }
}

}  // namespace fp::test

#ifdef FP_KERNELS_ALONE

#include <iostream>

void fp::test::verify(bool good, const char*, int line, const std::string& text) {
  tally().checks++;
  if (good) return;
  tally().failures++;
  std::cout << "FAILED line " << line << ": " << text << std::endl;
}

int main() {
  fp::test::check_kernels();
  std::cout << fp::test::tally().checks << " checks, " << fp::test::tally().failures << " failures" << std::endl;
  return fp::test::tally().failures == 0 ? 0 : 1;
}

#endif
