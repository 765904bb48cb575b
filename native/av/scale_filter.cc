#include "scale_filter.h"

#include <algorithm>
#include <cstdlib>

namespace fp::av {

namespace {

/// Weights of one result in fractions of `fone`.
struct Weights {
  int64_t position;
  std::vector<int64_t> of;
};

int log2_of(int value) {
  int result = 0;
  while (value > 1) {
    value >>= 1;
    result++;
  }
  return result;
}

/// Shifts what is near zero out at the left, and tells how many are left without those at the right.
int trim(Weights& one, const Weights* next, int64_t cut) {
  const size_t size = one.of.size();
  int64_t sum = 0;
  for (size_t j = 0; j < size; j++) {
    sum += std::llabs(one.of[0]);
    if (sum > cut) break;
    if (next != nullptr && one.position >= next->position) break;
    std::rotate(one.of.begin(), one.of.begin() + 1, one.of.end());
    one.of.back() = 0;
    one.position++;
  }
  sum = 0;
  auto left = static_cast<int>(size);
  for (size_t j = size - 1; j > 0; j--) {
    sum += std::llabs(one.of[j]);
    if (sum > cut) break;
    left--;
  }
  return left;
}

/// Weights of samples before the first or after the last go to these.
void move_inside(Weights& one, int source) {
  const auto size = static_cast<int64_t>(one.of.size());
  if (one.position < 0) {
    for (int64_t j = 1; j < size; j++) {
      const int64_t to = std::max<int64_t>(j + one.position, 0);
      if (to == j) continue;
      one.of[static_cast<size_t>(to)] += one.of[static_cast<size_t>(j)];
      one.of[static_cast<size_t>(j)] = 0;
    }
    one.position = 0;
  }
  if (one.position + size <= source) return;
  const int64_t shift = one.position + std::min<int64_t>(size - source, 0);
  int64_t beyond = 0;
  for (int64_t j = size - 1; j >= 0; j--) {
    if (one.position + j < source) continue;
    beyond += one.of[static_cast<size_t>(j)];
    one.of[static_cast<size_t>(j)] = 0;
  }
  for (int64_t j = size - 1; j >= 0; j--) {
    one.of[static_cast<size_t>(j)] = j < shift ? 0 : one.of[static_cast<size_t>(j - shift)];
  }
  one.position -= shift;
  one.of[static_cast<size_t>(source - 1 - one.position)] += beyond;
}

int64_t rounded(int64_t value, int64_t by) { return value >= 0 ? (value + (by >> 1)) / by : (value - (by >> 1)) / by; }

}  // namespace

ScaleFilter bilinear_filter(int source, int target, int phase_source, int phase_target, int one, int (*padded)(int)) {
  const int64_t step = ((static_cast<int64_t>(source) << 16) + (target >> 1)) / target;
  const int64_t unit = int64_t{1} << (54 - std::min(log2_of(source / target), 8));
  const int64_t cut = static_cast<int64_t>(0.002 * static_cast<double>(unit));
  const auto size = static_cast<size_t>(std::max<int64_t>(
      1, std::min<int64_t>(1 + (2 * static_cast<int64_t>(source) + target - 1) / target, source - 2)));
  std::vector<Weights> all;
  int64_t at = ((phase_target * step) >> 7) - ((phase_source * int64_t{0x10000}) >> 7);
  for (int i = 0; i < target; i++, at += 2 * step) {
    Weights weights{(at - (static_cast<int64_t>(size) - 2) * (1 << 16)) / (1 << 17), {}};
    for (size_t j = 0; j < size; j++) {
      const int64_t sample = weights.position + static_cast<int64_t>(j);
      const int64_t distance = (std::llabs(sample * (1 << 17) - at) << 13) * target / source;
      weights.of.push_back(std::max<int64_t>((int64_t{1} << 30) - distance, 0) * (unit >> 30));
    }
    all.push_back(std::move(weights));
  }
  int taps = 0;
  for (size_t i = all.size(); i-- > 0;) {
    taps = std::max(taps, trim(all[i], i + 1 < all.size() ? &all[i + 1] : nullptr, cut));
  }
  ScaleFilter filter;
  filter.taps = padded(taps);
  for (Weights& weights : all) {
    weights.of.resize(static_cast<size_t>(filter.taps));
    move_inside(weights, source);
    int64_t sum = 0;
    for (const int64_t weight : weights.of) sum += weight;
    sum = std::max<int64_t>((sum + one / 2) / one, 1);
    int64_t error = 0;
    for (const int64_t weight : weights.of) {
      const int64_t exact = weight + error;
      const int64_t whole = rounded(exact, sum);
      error = exact - whole * sum;
      filter.weight.push_back(static_cast<int16_t>(whole));
    }
    filter.position.push_back(static_cast<int32_t>(weights.position));
  }
  return filter;
}

}  // namespace fp::av
