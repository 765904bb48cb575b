// Files that were cut, changed, or come from a source that misbehaves.
#include <algorithm>

#include "check.h"
#include "media.h"

namespace fp::test {

namespace {

using av::OnError;

/// Outputs of pictures larger than this tell nothing new and take long.
constexpr size_t kLargestOutput = size_t{1} << 24;
/// Of these, less is asked.
constexpr size_t kLargeOutput = size_t{1} << 20;

/// Everything once; whatever is refused, the rest is still asked for.
void exercise(std::unique_ptr<av::ByteSource> source, uint64_t seed) {
  tally().copies++;
  std::unique_ptr<Clip> clip;
  if (!tolerate([&] { clip = std::make_unique<Clip>(std::move(source), seed % 3 == 0 ? 2 : 1); })) return;
  const av::OutputSpec spec = rgb(clip->reader().info());
  const bool small = spec.frame_bytes <= kLargestOutput;
  Random random(seed);
  if (tolerate([&] { clip->index(); }) && clip->frames() > 0 && small) {
    const auto any = [&] { return static_cast<int32_t>(random.below(static_cast<size_t>(clip->frames()))); };
    const int32_t last = clip->frames() - 1;
    tolerate([&] { clip->decode({0, std::min(last, 1), std::min(last, 5)}, spec, OnError::kSkip, true); });
    tolerate([&] { clip->decode({any()}, spec, OnError::kNearest); });
    if (spec.frame_bytes > kLargeOutput) return;
    tolerate([&] { clip->decode({any()}, spec, OnError::kThrow); });
    tolerate([&] { clip->decode({last}, spec, OnError::kNearest); });
    const av::StreamInfo& info = clip->reader().info();
    tolerate([&] {
      clip->pixels(any(), spec_of(info, av::PixelFormat::kNative, av::SampleType::kUint8, av::Layout::kNhwc));
    });
    tolerate([&] { clip->image(any(), {av::ImageFormat::kJpeg, 80, spec}); });
    tolerate([&] { clip->decode_times({clip->view().pts[any()]}, spec); });
  } else if (small) {
    tolerate([&] { clip->decode_times({0, 1000}, spec); });
  }
}

void flip(Bytes& bytes, size_t from, size_t to, size_t count, Random& random) {
  if (to <= from) return;
  for (; count > 0; count--) {
    uint8_t& byte = bytes[from + random.below(to - from)];
    byte = static_cast<uint8_t>(byte ^ 1U << random.below(8));
  }
}

}  // namespace

void check_damaged(const std::string& path) {
  const Bytes bytes = read_file(path);
  const std::string name = looking_at();
  for (const size_t percent : {10U, 50U, 90U}) {
    look_at(name + ", cut at " + std::to_string(percent) + " %");
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(bytes.size() * percent / 100));
    cut.shrink_to_fit();
    exercise(in_memory(cut), percent);
  }
  constexpr size_t kSmall = 150'000;
  constexpr size_t kHead = 2048;
  const size_t size = bytes.size();
  const uint64_t variants = size < kSmall ? 3 : 1;
  for (uint64_t variant = 0; variant < variants; variant++) {
    look_at(name + ", changed copy " + std::to_string(variant));
    Random random(size * 16 + variant);
    Bytes changed = bytes;
    // Anywhere, at the beginning, or at the end, where containers keep what
    // they say of themselves.
    if (variant == 0) flip(changed, 0, size, 4 + size / 2000, random);
    if (variant == 1) flip(changed, 8, std::min(size, kHead), 8, random);
    if (variant == 2) flip(changed, size - std::min(size, kHead), size, 12, random);
    exercise(in_memory(changed), variant);
  }
}

void check_bad_sources(const std::string& path) {
  const Bytes bytes = read_file(path);
  const std::string name = looking_at();
  const auto size = static_cast<int64_t>(bytes.size());
  look_at(name + ", read in small pieces");
  uint64_t expected = 0;
  const bool good = tolerate([&] {
    Clip whole(in_memory(bytes));
    whole.index();
    expected = whole.decode({whole.frames() / 2}, rgb(whole.reader().info())).front().hash;
  });
  const auto pieces = [&] {
    Clip clip(std::make_unique<ShortSource>(bytes, 31));
    clip.index();
    CHECK(clip.decode({clip.frames() / 2}, rgb(clip.reader().info())).front().hash == expected);
  };
  CHECK(tolerate(pieces) == good);

  using Fault = FaultySource::Fault;
  for (const int64_t part : {20, 80}) {
    look_at(name + ", source that fails after " + std::to_string(part) + " %");
    exercise(std::make_unique<FaultySource>(bytes, size * part / 100, Fault::kReturn, AVERROR(EIO)), 1);
  }
  look_at(name + ", source that ends early");
  exercise(std::make_unique<FaultySource>(bytes, size / 2, Fault::kReturn, 0), 1);
  look_at(name + ", source that returns too much");
  exercise(std::make_unique<FaultySource>(bytes, size / 2, Fault::kReturnMore, 1), 1);
}

}  // namespace fp::test
