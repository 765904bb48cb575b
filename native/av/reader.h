// One open file: its stream's facts, its index, its frames.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "approximate_decoding.h"
#include "exact_decoding.h"
#include "stream_info.h"

namespace fp::av {

/// Not thread-safe. After an exception the next call starts afresh; the reader stays usable.
class Reader {
 public:
  /// `keep_log`: keep all of FFmpeg's messages from the start, not only the last ones.
  Reader(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel, bool keep_log);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// A new job: its cancel flag and its log.
  void begin(const Cancel& cancel, bool keep_log);
  LogSink& log() { return log_; }
  const StreamInfo& info() const { return info_; }
  ByteSource& source() { return *source_; }
  Demuxer& demuxer() { return *demuxer_; }

  FrameIndex build_index();
  /// What save_index() once made of an index of this stream. Throws E_INDEX.
  FrameIndex restore_index(Span saved) const;
  std::vector<uint8_t> save_index() const;
  /// Memory that outlives the reader.
  void use_index(const IndexView& index);
  /// FFmpeg's own threads from here on; another number than before starts the decoder afresh.
  void use_threads(int threads);
  /// Throws E_DECODE with `kSkipped` written at the frame when it cannot be decoded and errors are to be thrown.
  void decode(const DecodeRequest& request);
  /// Beyond the last frame, it is that one, kNearest; throws E_OUT_OF_RANGE where none comes out, E_DECODE with
  /// `kSkipped` written at it like decode(). With threads, damage may be told too late: only one thread knows what is
  /// kOk.
  void decode_times(const DecodeTimesRequest& request);
  /// Packets by number, ascending, as they are in the file, one after the other.
  void read_packets(const int32_t* ordinals, size_t count, const std::function<void(const AVPacket&)>& take);
  DecodeStats take_stats();

 private:
  void look_at_head();
  void forget_position();
  template <typename Work>
  void at_work(Work work);

  DemuxerOptions options_;
  LogSink log_;
  Cancel cancel_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Demuxer> demuxer_;
  StreamInfo info_{};
  IndexView index_;
  DecodeStats stats_;
  Packet packet_;
  // They share the demuxer and the decoder: whichever moves one, the others forget where it stood.
  std::optional<PacketCursor> cursor_;
  std::optional<HeadersInForce> headers_;
  std::optional<StreamDecoder> stream_;
  std::optional<ExactDecoding> exact_;
  std::optional<ApproximateDecoding> approximate_;
};

}  // namespace fp::av
