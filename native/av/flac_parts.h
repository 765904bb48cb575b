// FLAC files that were joined, one after the other, and the one of them that is read.
#pragma once

#include "byte_source.h"

namespace fp::av {

/// What is not FLAC is one part. Borrows the whole. One thread.
///
/// FFmpeg's parser takes the headers of the next file for damage: where rate and channels change, it hands out some
/// packets twice and others never.
class FlacParts final : public ByteSource {
 public:
  explicit FlacParts(ByteSource& whole) : whole_(whole), end_(whole.size()) {}

  /// Of the part: up to the end of the whole until a read has come upon where the next one begins.
  int64_t size() const override { return end_ - begin_; }
  /// Positions count from where the part begins.
  int read(int64_t position, uint8_t* target, int length) noexcept override;
  bool is_near() const override { return whole_.is_near(); }

  /// Whether a read came upon another part behind this one.
  bool has_next() const { return end_ < whole_.size(); }
  void go_to_next();
  void go_to_first();

 private:
  int cut(int64_t position, const uint8_t* data, int length);
  bool is_begin(int64_t position);
  int64_t first_frame();

  ByteSource& whole_;
  int64_t begin_ = 0;
  int64_t end_;
  int64_t first_frame_ = -1;
  bool is_flac_ = false;
};

}  // namespace fp::av
