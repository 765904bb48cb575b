#include "media.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "check.h"

namespace fp::test {

namespace {

/// Memory for an output, exactly as long as promised: our own code is stopped
/// behind it, FFmpeg's is found out.
class Output {
 public:
  explicit Output(size_t bytes) : bytes_(bytes), memory_(std::make_unique<uint8_t[]>(bytes + kGuard)) {
    std::memset(memory_.get() + bytes_, kMark, kGuard);
    ASAN_POISON_MEMORY_REGION(memory_.get() + bytes_, kGuard);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    ASAN_UNPOISON_MEMORY_REGION(memory_.get() + bytes_, kGuard);
    const uint8_t* guard = memory_.get() + bytes_;
    CHECK(std::all_of(guard, guard + kGuard, [](uint8_t byte) { return byte == kMark; }));
  }
  uint8_t* data() { return memory_.get(); }
  size_t size() const { return bytes_; }

 private:
  static constexpr size_t kGuard = 128;
  static constexpr uint8_t kMark = 0xa5;
  size_t bytes_;
  std::unique_ptr<uint8_t[]> memory_;
};

uint64_t hash_of(const uint8_t* data, size_t size) {
  constexpr uint64_t kPrime = 0x9e3779b97f4a7c15;
  uint64_t hash = size;
  for (size_t at = 0; at < size; at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, data + at, std::min<size_t>(8, size - at));
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 29;
  }
  return hash;
}

/// The file of the last picture.
class ImageBytes : public av::ImageSink {
 public:
  using av::ImageSink::ImageSink;
  void repeat(size_t) override {}
  void skip(size_t) override { bytes.clear(); }
  Bytes bytes;

 protected:
  void take(const av::EncodedImage& image, size_t) override {
    CHECK(image.width > 0 && image.height > 0);
    bytes.assign(image.bytes.data, image.bytes.data + image.bytes.size);
  }
};

}  // namespace

av::DemuxerOptions options() {
  av::DemuxerOptions made;
  made.limits.max_pixels = int64_t{1} << 24;
  made.limits.max_streams = 64;
  made.limits.max_index_packets = 200'000;
  return made;
}

Bytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  bytes.shrink_to_fit();
  return bytes;
}

std::unique_ptr<av::ByteSource> in_memory(const Bytes& bytes) {
  return std::make_unique<av::MemorySource>(bytes.data(), static_cast<int64_t>(bytes.size()));
}

av::OutputSpec spec_of(const av::StreamInfo& info, av::PixelFormat format, av::SampleType type, av::Layout layout) {
  av::OutputSpec spec;
  spec.format = format;
  spec.samples.type = type;
  spec.samples.layout = layout;
  if (format == av::PixelFormat::kNative) {
    spec.native = info.format;
    spec.width = info.coded_width;
    spec.height = info.coded_height;
    spec.frame_bytes = av::native_bytes(info.format, info.coded_width, info.coded_height);
    return spec;
  }
  const auto channels = static_cast<size_t>(av::channels_of(format));
  spec.width = info.width;
  spec.height = info.height;
  spec.orientation = info.orientation;
  spec.frame_bytes = static_cast<size_t>(info.width) * static_cast<size_t>(info.height) * channels * av::bytes_of(type);
  return spec;
}

av::OutputSpec rgb(const av::StreamInfo& info) {
  return spec_of(info, av::PixelFormat::kRgb24, av::SampleType::kUint8, av::Layout::kNhwc);
}

Clip::Clip(std::unique_ptr<av::ByteSource> source, int threads)
    : reader_(std::move(source), options(), av::Cancel(), false) {
  reader_.use_threads(threads);
  const av::StreamInfo& info = reader_.info();
  CHECK(info.width > 0 && info.height > 0);
  CHECK(static_cast<int64_t>(info.width) * info.height <= options().limits.max_pixels);
  CHECK(info.orientation.transpose ? info.width == info.coded_height : info.width == info.coded_width);
  CHECK(info.time_base.num > 0 && info.time_base.den > 0);
}

void Clip::index() {
  const av::FrameIndex made = reader_.build_index();
  check_index(made);
  index_bytes_ = av::IndexView::bytes(made);
  index_memory_.reset(new uint8_t[index_bytes_]);
  av::IndexView::write(made, reader_.info().time_base, index_memory_.get());
  view_ = av::IndexView(index_memory_.get(), index_bytes_);
  reader_.use_index(view_);
}

void Clip::index(const Clip& other) {
  index_bytes_ = other.index_bytes_;
  index_memory_ = other.index_memory_;
  view_ = av::IndexView(index_memory_.get(), index_bytes_);
  reader_.use_index(view_);
}

void Clip::check_index(const av::FrameIndex& index) const {
  const auto frames = static_cast<int32_t>(index.frames.size());
  const auto packets = static_cast<int32_t>(index.packets.size());
  bool sound = packets <= options().limits.max_index_packets && index.reorder_depth >= 0;
  for (const av::IndexedFrame& frame : index.frames) {
    sound = sound && frame.packet >= 0 && frame.packet <= frame.last_packet && frame.last_packet < packets;
    sound = sound && frame.start >= 0 && frame.start <= frame.packet;
    sound = sound && (frame.start == 0 || index.packets[static_cast<size_t>(frame.start)].key);
  }
  for (const av::IndexedPacket& packet : index.packets) sound = sound && packet.frame >= -1 && packet.frame < frames;
  CHECK(sound);
}

std::vector<Row> Clip::decode(const std::vector<int32_t>& targets, const av::OutputSpec& spec, av::OnError on_error,
                              bool more_follows) {
  Output output(targets.size() * spec.frame_bytes);
  std::vector<int32_t> rows(targets.size());
  std::vector<uint8_t> status(targets.size());
  std::vector<int32_t> delivered(targets.size(), -1);
  // From the last row to the first: rows need not follow the targets' order.
  for (size_t i = 0; i < rows.size(); i++) rows[i] = static_cast<int32_t>(rows.size() - 1 - i);
  av::DecodeRequest request{};
  av::RowSink sink(converter_, spec, {rows.data(), rows.size(), output.data(), output.size()});
  request.targets = targets.data();
  request.count = targets.size();
  request.sink = &sink;
  request.on_error = on_error;
  request.more_follows = more_follows;
  request.status = status.data();
  request.delivered = delivered.data();
  reader_.decode(request);
  std::vector<Row> made;
  for (size_t i = 0; i < targets.size(); i++) {
    const uint8_t* row = output.data() + static_cast<size_t>(rows[i]) * spec.frame_bytes;
    made.push_back({delivered[i], static_cast<av::FrameStatus>(status[i]), hash_of(row, spec.frame_bytes)});
    CHECK(status[i] <= static_cast<uint8_t>(av::FrameStatus::kSkipped));
    tally().frames++;
  }
  return made;
}

void Clip::decode_one(int32_t frame, av::FrameSink& sink) {
  uint8_t status = 0;
  int32_t delivered = 0;
  av::DecodeRequest request{};
  request.targets = &frame;
  request.count = 1;
  request.sink = &sink;
  request.status = &status;
  request.delivered = &delivered;
  reader_.decode(request);
  tally().frames++;
}

Bytes Clip::pixels(int32_t frame, const av::OutputSpec& spec) {
  Output output(spec.frame_bytes);
  const int32_t row = 0;
  av::RowSink sink(converter_, spec, {&row, 1, output.data(), output.size()});
  decode_one(frame, sink);
  return {output.data(), output.data() + output.size()};
}

Bytes Clip::image(int32_t frame, const av::ImageSpec& spec) {
  ImageBytes sink(images_, spec);
  decode_one(frame, sink);
  return sink.bytes;
}

std::vector<int64_t> Clip::decode_times(const std::vector<int64_t>& targets, const av::OutputSpec& spec) {
  Output output(targets.size() * spec.frame_bytes);
  std::vector<int32_t> rows(targets.size());
  for (size_t i = 0; i < rows.size(); i++) rows[i] = static_cast<int32_t>(i);
  std::vector<int64_t> pts(targets.size());
  std::vector<int64_t> duration(targets.size());
  std::vector<uint8_t> status(targets.size());
  av::DecodeTimesRequest request{};
  av::RowSink sink(converter_, spec, {rows.data(), rows.size(), output.data(), output.size()});
  request.targets = targets.data();
  request.count = targets.size();
  request.sink = &sink;
  request.status = status.data();
  request.pts = pts.data();
  request.duration = duration.data();
  reader_.decode_times(request);
  tally().frames += static_cast<int64_t>(targets.size());
  return pts;
}

}  // namespace fp::test
