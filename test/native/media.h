// One media file through the whole layer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../../native/av/image_encoder.h"
#include "../../native/av/reader.h"
#include "../../native/av/row_sink.h"
#include "sources.h"

namespace fp::test {

av::DemuxerOptions options();
Bytes read_file(const std::string& path);
std::unique_ptr<av::ByteSource> in_memory(const Bytes& bytes);

/// A row of output and what tells it from others.
struct Row {
  int32_t frame;
  av::FrameStatus status;
  uint64_t hash;
};

av::OutputSpec spec_of(const av::StreamInfo& info, av::PixelFormat format, av::SampleType type, av::Layout layout);
av::OutputSpec rgb(const av::StreamInfo& info);

/// A reader with its index, in memory that ends where it ends.
class Clip {
 public:
  explicit Clip(std::unique_ptr<av::ByteSource> source, int threads = 1);
  /// Makes the index and looks whether it makes sense.
  void index();
  /// Takes it from another reader of the same file.
  void index(const Clip& other);

  av::Reader& reader() { return reader_; }
  const av::IndexView& view() const { return view_; }
  int32_t frames() const { return view_.frames; }

  std::vector<Row> decode(const std::vector<int32_t>& targets, const av::OutputSpec& spec,
                          av::OnError on_error = av::OnError::kThrow, bool more_follows = false);
  /// The bytes of one frame.
  Bytes pixels(int32_t frame, const av::OutputSpec& spec);
  /// One frame as an image file; empty where it cannot be decoded.
  Bytes image(int32_t frame, const av::ImageSpec& spec);
  /// The times of what was delivered.
  std::vector<int64_t> decode_times(const std::vector<int64_t>& targets, const av::OutputSpec& spec);

 private:
  void check_index(const av::FrameIndex& index) const;
  void decode_one(int32_t frame, av::FrameSink& sink);

  av::Reader reader_;
  av::Converter converter_;
  av::ImageEncoder images_;
  size_t index_bytes_ = 0;
  std::shared_ptr<uint8_t[]> index_memory_;
  av::IndexView view_;
};

/// Whether compare_with_formula() knows how its colours come about.
bool has_formula(const av::StreamInfo& info);
/// A frame as rgb24 in bytes and in floats against what the standard says of
/// its native planes.
void compare_with_formula(const av::StreamInfo& info, const Bytes& planes, const Bytes& bytes, const Bytes& floats);

/// A file as it is: everything must work, and the same frame must be the same
/// however it is reached.
void check_intact(const std::string& path);
/// Copies of it that are cut and changed: everything may fail, in an orderly
/// way.
void check_damaged(const std::string& path);
/// Its sound, where it has any: intact, damaged, and from sources that
/// misbehave.
void check_sound(const std::string& path);
/// The same bytes from sources that misbehave.
void check_bad_sources(const std::string& path);

}  // namespace fp::test
