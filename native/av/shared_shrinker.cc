#include "shared_shrinker.h"

#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "rescaler.h"

namespace fp::av {

namespace {

using Kind = std::tuple<int, int, int, int, int>;

/// Noise, and stretches of black and white.
void fill(uint8_t* bytes, size_t count) {
  uint32_t state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525 + 1013904223;
    const auto byte = static_cast<uint8_t>(state >> 24);
    bytes[i] = i / 3000 % 2 == 0 ? byte : static_cast<uint8_t>(byte < 128 ? 0 : 255);
  }
}

/// Of one kind, for all threads.
struct Verdict {
  std::once_flag once;
  bool same = false;
};

/// What was found out in this process. The only lock here: it is held for a look into the table, and the comparing is
/// done by the first that asks while others that need it wait for it.
std::shared_ptr<Verdict> verdict_on(const Kind& kind) {
  // A few bytes each; more sizes than this are compared again.
  constexpr size_t kMost = 4096;
  static std::mutex mutex;
  static std::map<Kind, std::shared_ptr<Verdict>> verdicts;
  const std::lock_guard<std::mutex> lock(mutex);
  if (verdicts.size() >= kMost && verdicts.count(kind) == 0) verdicts.clear();
  std::shared_ptr<Verdict>& verdict = verdicts[kind];
  if (!verdict) verdict = std::make_shared<Verdict>();
  return verdict;
}

std::atomic<int64_t> comparisons{0};

bool has_the_same_pixels(RgbShrinker& shrinker, const Kind& kind) {
  comparisons++;
  const auto& [width, height, to_width, to_height, color_space] = kind;
  Scratch memory[3];
  PixelView view{nullptr, width, height, padded_stride(width * 3), 3, false};
  const size_t bytes = static_cast<size_t>(view.stride) * static_cast<size_t>(height);
  uint8_t* const noise = memory[0].take(bytes + 64);
  fill(noise, bytes + 64);
  view.data = noise;
  const int stride = padded_stride(to_width * 3);
  const size_t size = static_cast<size_t>(stride) * static_cast<size_t>(to_height) + 64;
  uint8_t* const expected = memory[1].take(size);
  uint8_t* const shrunk = memory[2].take(size);
  Rescaler().scale(picture_of(view, color_space), {to_width, to_height, AV_PIX_FMT_RGB24, SWS_BILINEAR}, expected,
                   stride);
  shrinker.shrink(view, shrunk, stride);
  for (int y = 0; y < to_height; y++) {
    const ptrdiff_t row = static_cast<ptrdiff_t>(stride) * y;
    if (std::memcmp(expected + row, shrunk + row, static_cast<size_t>(to_width) * 3) != 0) return false;
  }
  return true;
}

}  // namespace

RgbShrinker* shared_shrinker(int width, int height, int to_width, int to_height, int color_space) {
  if (!RgbShrinker::can(width, height, to_width, to_height)) return nullptr;
  constexpr size_t kMost = 16;
  thread_local std::map<Kind, std::unique_ptr<RgbShrinker>> known;
  const Kind kind{width, height, to_width, to_height, color_space};
  const auto found = known.find(kind);
  if (found != known.end()) return found->second.get();
  auto made = std::make_unique<RgbShrinker>(width, height, to_width, to_height, sws_getCoefficients(color_space));
  const std::shared_ptr<Verdict> verdict = verdict_on(kind);
  std::call_once(verdict->once, [&] { verdict->same = has_the_same_pixels(*made, kind); });
  if (!verdict->same) made.reset();
  if (known.size() >= kMost) known.clear();
  return known.emplace(kind, std::move(made)).first->second.get();
}

int64_t shrinker_comparisons() { return comparisons; }

}  // namespace fp::av
