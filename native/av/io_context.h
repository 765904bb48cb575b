// libavformat's byte stream over a ByteSource.
#pragma once

#include <memory>
#include <vector>

#include "byte_source.h"
#include "cancel.h"
#include "ffmpeg.h"
#include "transport_losses.h"

namespace fp::av {

/// What reading ends with where a container names more programs than any: FFmpeg compares each with all others.
constexpr int kTooManyPrograms = AVERROR(E2BIG);
constexpr unsigned kMostPrograms = 1000;

/// A half-open range of file positions.
struct ByteRange {
  int64_t begin;
  int64_t end;
};

/// Owns the AVIOContext and its buffer; borrows the source. One thread.
///
/// Hollow ranges: reads inside them report success without touching the source or the target. While an MP4's
/// packets are only counted, this skips the media: the demuxer never looks inside a sample.
class IoContext {
 public:
  explicit IoContext(ByteSource& source);
  IoContext(const IoContext&) = delete;
  IoContext& operator=(const IoContext&) = delete;
  ~IoContext();

  AVIOContext* get() { return context_; }
  void set_cancel(const Cancel& cancel) { cancel_ = cancel; }
  const Cancel& cancel() const { return cancel_; }
  /// Whose bytes these are, as long as any are read: no more are once it has grown too large.
  void watch(const AVFormatContext& format) { format_ = &format; }
  /// Who follows what is read, if anybody; outlives this or is taken away.
  void follow(TransportLosses* losses) { losses_ = losses; }
  /// Sorted, disjoint ranges; an empty list turns hollow reading off. Drops what is buffered.
  void set_hollow(std::vector<ByteRange> ranges);
  /// Bytes really read from the source.
  int64_t bytes_read() const { return bytes_read_; }
  /// The first read that failed, as its AVERROR, or 0. It stays: what FFmpeg made of the missing bytes is in its state.
  /// AVERROR_EXIT: a read was cancelled; AVERROR_EOF: the source is shorter than it was said to be.
  int failure() const { return failure_; }

 private:
  static int read_packet(void* opaque, uint8_t* target, int length) noexcept;
  static int64_t seek(void* opaque, int64_t offset, int whence) noexcept;
  int read(uint8_t* target, int length) noexcept;
  int fail(int error) noexcept;

  ByteSource& source_;
  AVIOContext* context_ = nullptr;
  const AVFormatContext* format_ = nullptr;
  TransportLosses* losses_ = nullptr;
  Cancel cancel_;
  std::vector<ByteRange> hollow_;
  int64_t position_ = 0;
  int64_t bytes_read_ = 0;
  int failure_ = 0;
};

}  // namespace fp::av
