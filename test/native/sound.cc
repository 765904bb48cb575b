// Sound: the same samples however they are reached, from good files, bad files
// and bad sources.
#include <algorithm>
#include <cstring>
#include <vector>

#include "../../native/av/audio_reader.h"
#include "check.h"
#include "media.h"

namespace fp::test {

namespace {

constexpr int64_t kMostBytes = 1 << 27;
/// Longer sound is looked at in its first part.
constexpr int64_t kMostSamples = 400'000;

av::AudioOptions sound_options(int rate, int channels, bool approximate) {
  av::AudioOptions made;
  made.demuxer = options();
  made.sample_rate = rate;
  made.num_channels = channels;
  made.approximate = approximate;
  return made;
}

struct Sound {
  av::RangeResult range;
  std::vector<float> samples;  ///< a row for each channel
};

class Listener {
 public:
  Listener(std::unique_ptr<av::ByteSource> source, const av::AudioOptions& options)
      : reader_(std::move(source), options, av::Cancel(), false) {}
  av::AudioReader& reader() { return reader_; }
  Sound hear(int64_t begin, int64_t end) {
    Sound sound{reader_.decode({begin, end}, kMostBytes), {}};
    // Exactly as long as promised, so that a write behind it is found out.
    sound.samples.resize(static_cast<size_t>(sound.range.count * reader_.info().output_channels));
    sound.samples.shrink_to_fit();
    reader_.take(sound.samples.data());
    tally().frames++;
    return sound;
  }

 private:
  av::AudioReader reader_;
};

/// `part` is a stretch of `whole`; stretches are told apart by where the count
/// of samples says they lie.
void compare(const Sound& part, const Sound& whole, int64_t offset, int channels) {
  const int64_t count = part.range.count;
  if (count == 0) return;
  if (offset < 0 || offset + count > whole.range.count) return CHECK(false);
  bool same = true;
  for (int channel = 0; channel < channels; channel++) {
    same = same && std::memcmp(part.samples.data() + channel * count,
                               whole.samples.data() + channel * whole.range.count + offset,
                               static_cast<size_t>(count) * sizeof(float)) == 0;
  }
  verify(same, __FILE__, __LINE__, "samples from place " + std::to_string(part.range.begin) + " on differ");
}

/// Goes through in pieces, then back and forth; all of it is what the whole has
/// there.
void every_way(const Bytes& bytes, int rate, int channels) {
  Listener listener(in_memory(bytes), sound_options(rate, channels, false));
  const int rows = listener.reader().info().output_channels;
  const Sound whole = listener.hear(0, kMostSamples);
  if (whole.range.count == 0) return;
  // Where the file leaves gaps, places run ahead of the samples that were
  // heard.
  std::vector<std::pair<int64_t, int64_t>> pieces;
  int64_t heard = 0;
  for (int64_t begin = 0; begin < kMostSamples;) {
    const Sound piece = listener.hear(begin, std::min(begin + 10'007, kMostSamples));
    compare(piece, whole, heard, rows);
    if (piece.range.count > 0) pieces.emplace_back(begin, heard);
    heard += piece.range.count;
    if (piece.range.ended) break;
    begin = std::max(begin + 10'007, piece.range.count == 0 ? piece.range.next : 0);
  }
  CHECK_EQUAL(heard, whole.range.count);
  Random random(bytes.size());
  for (int i = 0; i < 5; i++) {
    const auto& [begin, offset] = pieces[random.below(pieces.size())];
    compare(listener.hear(begin, begin + 1 + static_cast<int64_t>(random.below(10'000))), whole, offset, rows);
  }
  const Sound end = listener.hear(int64_t{1} << 50, (int64_t{1} << 50) + 1);
  CHECK(end.range.count == 0 && end.range.ended);
  CHECK_ERROR("E_LIMIT", listener.reader().decode({0, kMostSamples}, 4 * rows - 1));
  compare(listener.hear(0, 100), whole, 0, rows);
}

/// Everything once; whatever is refused, the rest is still asked for.
void exercise(std::unique_ptr<av::ByteSource> source, uint64_t seed) {
  tally().copies++;
  std::unique_ptr<Listener> listener;
  const bool converts = seed % 2 == 1;
  if (!tolerate([&] {
        const av::AudioOptions options = sound_options(converts ? 16'000 : 0, converts ? 1 : 0, seed % 3 == 0);
        listener = std::make_unique<Listener>(std::move(source), options);
      })) {
    return;
  }
  Random random(seed);
  tolerate([&] { listener->hear(0, 5'000); });
  for (int i = 0; i < 3; i++) {
    const auto begin = static_cast<int64_t>(random.below(200'000));
    tolerate([&] { listener->hear(begin, begin + 3'000); });
  }
  tolerate([&] { listener->hear(0, kMostSamples); });
}

void damaged(const Bytes& bytes, const std::string& name) {
  for (const size_t percent : {10U, 50U, 90U}) {
    look_at(name + ", sound cut at " + std::to_string(percent) + " %");
    Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(bytes.size() * percent / 100));
    cut.shrink_to_fit();
    exercise(in_memory(cut), percent);
  }
  for (uint64_t variant = 0; variant < 4; variant++) {
    look_at(name + ", changed copy " + std::to_string(variant) + " of the sound");
    Random random(bytes.size() * 16 + variant);
    Bytes changed = bytes;
    // Anywhere, or at the beginning, where containers keep what they say of
    // themselves.
    const size_t span = variant < 2 ? bytes.size() : std::min<size_t>(bytes.size(), 2048);
    for (size_t i = 0; i < 6 + span / 2000; i++) {
      uint8_t& byte = changed[random.below(span)];
      byte = static_cast<uint8_t>(byte ^ 1U << random.below(8));
    }
    exercise(in_memory(changed), variant);
  }
  using Fault = FaultySource::Fault;
  const auto size = static_cast<int64_t>(bytes.size());
  look_at(name + ", sound from sources that fail");
  exercise(std::make_unique<FaultySource>(bytes, size / 2, Fault::kReturn, AVERROR(EIO)), 1);
  exercise(std::make_unique<FaultySource>(bytes, size / 2, Fault::kReturn, 0), 2);
  exercise(std::make_unique<FaultySource>(bytes, size / 2, Fault::kReturnMore, 1), 3);
}

void cancelled(const Bytes& bytes) {
  const int32_t flag = 5;
  CHECK_ERROR(av::kCancelled,
              av::AudioReader(in_memory(bytes), sound_options(0, 0, false), av::Cancel(&flag, 5), false));
  Listener listener(in_memory(bytes), sound_options(0, 0, false));
  listener.reader().begin(av::Cancel(&flag, 5), false);
  CHECK_ERROR(av::kCancelled, listener.hear(0, kMostSamples));
  listener.reader().begin(av::Cancel(), false);
  CHECK(listener.hear(0, 10).range.count > 0);
}

}  // namespace

void check_sound(const std::string& path) {
  const Bytes bytes = read_file(path);
  const std::string name = looking_at();
  if (!tolerate([&] { Listener(in_memory(bytes), sound_options(0, 0, false)); })) return;
  look_at(name + ", its sound");
  every_way(bytes, 0, 0);
  look_at(name + ", its sound at another rate");
  every_way(bytes, 16'000, 1);
  every_way(bytes, 48'000, 0);
  cancelled(bytes);
  damaged(bytes, name);
}

}  // namespace fp::test
