// Files as they are.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "check.h"
#include "media.h"

namespace fp::test {

namespace {

using av::Layout;
using av::OnError;
using av::PixelFormat;
using av::SampleType;

bool is_large(const av::StreamInfo& info) {
  constexpr int64_t kLarge = 1 << 18;
  return static_cast<int64_t>(info.width) * info.height > kLarge;
}

/// Pictures of a file that are decoded in order, backwards and at random.
struct Effort {
  int32_t forward;
  int32_t backward;
  int32_t random;
};

Effort effort_for(const av::StreamInfo& info) { return is_large(info) ? Effort{6, 2, 3} : Effort{15, 6, 6}; }

/// Frames that were seen before must look the same again.
class Memory {
 public:
  explicit Memory(int32_t frames) : rows_(static_cast<size_t>(frames)), known_(static_cast<size_t>(frames)) {}
  void compare(const std::vector<int32_t>& targets, const std::vector<Row>& rows, const std::string& way) {
    for (size_t i = 0; i < targets.size(); i++) {
      const auto frame = static_cast<size_t>(targets[i]);
      if (known_[frame]) {
        const bool same = rows_[frame].hash == rows[i].hash && rows_[frame].status == rows[i].status;
        verify(same, __FILE__, __LINE__, "frame " + std::to_string(frame) + " differs when reached " + way);
      }
      verify(rows[i].frame == targets[i], __FILE__, __LINE__, "another frame was delivered " + way);
      rows_[frame] = rows[i];
      known_[frame] = true;
    }
  }

 private:
  std::vector<Row> rows_;
  std::vector<bool> known_;
};

void every_order(Clip& clip, Memory& memory, uint64_t seed, const std::string& with) {
  const Effort effort = effort_for(clip.reader().info());
  const av::OutputSpec spec = rgb(clip.reader().info());
  // What lies far into a long file is left to the other orders.
  constexpr int32_t kFar = 240;
  const int32_t near = std::min(clip.frames(), kFar);
  const int32_t step = std::max(1, near / effort.forward);
  for (int32_t from = 0; from < near; from += 3 * step) {
    std::vector<int32_t> targets;
    for (int32_t i = 0; i < 3 && from + i * step < near; i++) targets.push_back(from + i * step);
    const bool more = from + 3 * step < near;
    memory.compare(targets, clip.decode(targets, spec, OnError::kThrow, more), "forward" + with);
  }
  for (int32_t i = 0; i < effort.backward && i < clip.frames(); i++) {
    const int32_t frame =
        clip.frames() - 1 - static_cast<int32_t>(static_cast<int64_t>(clip.frames()) * i / effort.backward);
    memory.compare({frame}, clip.decode({frame}, spec), "backward" + with);
  }
  Random random(seed);
  for (int32_t i = 0; i < effort.random; i += 3) {
    std::vector<int32_t> targets;
    for (int j = 0; j < 3; j++)
      targets.push_back(static_cast<int32_t>(random.below(static_cast<size_t>(clip.frames()))));
    targets.push_back(targets.front());
    std::sort(targets.begin(), targets.end());
    memory.compare(targets, clip.decode(targets, spec), "at random" + with);
  }
}

/// In large pictures only some pixels are compared: each is the work of the
/// same few lines.
size_t step_for(size_t pixels) { return pixels > 10'000 ? 13 : 1; }

/// Planar and interleaved outputs hold the same samples.
template <typename Sample>
void compare_layouts(const Bytes& interleaved, const Bytes& planar, size_t pixels) {
  if (interleaved.size() != planar.size()) return CHECK(false);
  const auto* a = reinterpret_cast<const Sample*>(interleaved.data());
  const auto* b = reinterpret_cast<const Sample*>(planar.data());
  const size_t channels = interleaved.size() / sizeof(Sample) / pixels;
  bool same = true;
  for (size_t pixel = 0; pixel < pixels; pixel += step_for(pixels)) {
    for (size_t channel = 0; channel < channels; channel++) {
      same = same && a[pixel * channels + channel] == b[channel * pixels + pixel];
    }
  }
  CHECK(same);
}

/// Floats are the bytes over 255. Of deeper pictures they hold more than the
/// bytes do, and swscale rounds these on another path: there, only that they
/// are the same picture.
void compare_types(const Bytes& bytes, const Bytes& floats, bool deep) {
  if (floats.size() != bytes.size() * sizeof(float)) return CHECK(false);
  const auto* values = reinterpret_cast<const float*>(floats.data());
  float most = 0;
  double sum = 0;
  double count = 0;
  for (size_t i = 0; i < bytes.size(); i += step_for(bytes.size())) {
    const float difference = std::abs(values[i] * 255.0F - static_cast<float>(bytes[i]));
    most = std::max(most, difference);
    sum += static_cast<double>(difference);
    count++;
  }
  const bool good = deep ? sum / count < 1 && most < 16 : most < 1e-3F;
  verify(good, __FILE__, __LINE__,
         "floats differ from bytes by " + std::to_string(most) + ", on average " + std::to_string(sum / count));
}

void every_output(Clip& clip, int32_t frame) {
  const av::StreamInfo& info = clip.reader().info();
  const Bytes planes = clip.pixels(frame, spec_of(info, PixelFormat::kNative, SampleType::kUint8, Layout::kNhwc));
  const bool deep = av_pix_fmt_desc_get(info.format)->comp[0].depth > 8;
  const auto pixels = static_cast<size_t>(info.width) * static_cast<size_t>(info.height);
  for (const PixelFormat format : {PixelFormat::kRgb24, PixelFormat::kRgba, PixelFormat::kGray8}) {
    Bytes made[2];
    for (const SampleType type : {SampleType::kUint8, SampleType::kFloat32}) {
      Bytes& interleaved = made[static_cast<size_t>(type)];
      interleaved = clip.pixels(frame, spec_of(info, format, type, Layout::kNhwc));
      const Bytes planar = clip.pixels(frame, spec_of(info, format, type, Layout::kNchw));
      if (type == SampleType::kFloat32) compare_layouts<float>(interleaved, planar, pixels);
      if (type == SampleType::kUint8) compare_layouts<uint8_t>(interleaved, planar, pixels);
    }
    if (format == PixelFormat::kGray8 || !has_formula(info)) {
      compare_types(made[0], made[1], deep);
    } else if (format == PixelFormat::kRgb24) {
      compare_with_formula(info, planes, made[0], made[1]);
    }
  }
}

void by_time(Clip& clip) {
  const av::OutputSpec spec = rgb(clip.reader().info());
  const av::IndexView& view = clip.view();
  const auto timed = [&](int32_t packet) {
    return view.packet_pts[packet] != AV_NOPTS_VALUE || view.packet_dts[packet] != AV_NOPTS_VALUE;
  };
  bool any_timed = false;
  for (int32_t i = 0; i < view.packets; i++) any_timed = any_timed || timed(i);
  if (!any_timed) {
    // They are counted from the start.
    CHECK(clip.decode_times({0}, spec).front() == 0);
    CHECK(clip.frames() == 1 || clip.decode_times({INT64_MAX}, spec).front() > 0);
    return;
  }
  const auto at = [&](int32_t frame) { return view.pts[frame]; };
  std::vector<int64_t> targets = {at(0), at(0), at(clip.frames() / 3), at(clip.frames() / 2)};
  std::sort(targets.begin(), targets.end());
  const std::vector<int64_t> pts = clip.decode_times(targets, spec);
  for (size_t i = 0; i < targets.size(); i++) CHECK(pts[i] >= targets[i]);
  // Earlier than the start is the start; later than the end is the last one.
  CHECK(clip.decode_times({INT64_MIN + 1}, spec).front() <= targets.front());
  CHECK(clip.decode_times({INT64_MAX}, spec).front() == at(clip.frames() - 1));
  CHECK(clip.decode_times({targets.back()}, spec).front() == pts.back());
}

/// As files: each begins as its format does, and is the same once more.
void as_images(Clip& clip, int32_t frame) {
  av::ImageSpec spec;
  spec.pixels = rgb(clip.reader().info());
  const std::pair<av::ImageFormat, Bytes> formats[] = {
      {av::ImageFormat::kJpeg, {0xFF, 0xD8}},
      {av::ImageFormat::kPng, {0x89, 'P', 'N', 'G'}},
      {av::ImageFormat::kWebp, {'R', 'I', 'F', 'F'}},
  };
  for (const auto& [format, head] : formats) {
    spec.format = format;
    const Bytes made = clip.image(frame, spec);
    CHECK(made.size() > head.size() && std::equal(head.begin(), head.end(), made.begin()));
    CHECK(clip.image(frame, spec) == made);
  }
}

void cancelled(const std::string& path) {
  const int32_t flag = 5;
  CHECK_ERROR(av::kCancelled,
              av::Reader(std::make_unique<av::FileSource>(path), options(), av::Cancel(&flag, 5), true));
  Clip clip(std::make_unique<av::FileSource>(path));
  clip.index();
  clip.reader().begin(av::Cancel(&flag, 5), true);
  CHECK_ERROR(av::kCancelled, clip.decode({0}, rgb(clip.reader().info())));
  clip.reader().begin(av::Cancel(), false);
  clip.decode({0}, rgb(clip.reader().info()));
}

}  // namespace

void check_intact(const std::string& path) {
  const Bytes bytes = read_file(path);
  try {
    Clip probe(in_memory(bytes));
  } catch (const av::Error& error) {
    // Sound alone, and codecs that this FFmpeg was built without.
    static const std::set<std::string> kExpected = {"E_NO_STREAM", "E_UNSUPPORTED_CODEC"};
    verify(kExpected.count(error.code) == 1, __FILE__, __LINE__, std::string(error.code) + ": " + error.what());
    tally().refused++;
    return;
  }
  Clip first(in_memory(bytes), 1);
  first.index();
  if (first.frames() == 0) return CHECK(false);
  Memory memory(first.frames());
  every_order(first, memory, 21, ", one thread");
  std::set<int32_t> some = {0};
  if (!is_large(first.reader().info())) some.insert(first.frames() - 1);
  for (const int32_t frame : some) every_output(first, frame);
  if (!is_large(first.reader().info())) as_images(first, 0);
  by_time(first);
  // The reader is still good for frames, and for another index.
  first.index();
  memory.compare({0}, first.decode({0}, rgb(first.reader().info())), "after times");

  Clip second(std::make_unique<av::FileSource>(path), 2);
  second.index(first);
  every_order(second, memory, 22, ", two threads");
  cancelled(path);
}

}  // namespace fp::test
