// Packets to pictures.
#pragma once

#include "handles.h"
#include "limits.h"
#include "log.h"

namespace fp::av {

/// Which picture a decoded frame is: its packet's ordinal travels through the decoder in place of the timestamp, so
/// that repeated, missing or jumping timestamps cannot confuse two pictures.
inline constexpr int64_t kNoOrdinal = AV_NOPTS_VALUE;

/// Whether FFmpeg's decoder for this codec keeps the pictures of packets marked "discard" to itself.
bool drops_discarded_pictures(AVCodecID codec);

/// One codec context. One thread drives it. After `drain()` only `receive` and `flush` make sense.
class Decoder {
 public:
  /// `reorder_depth`: pictures the stream is known to hold back, for streams that do not say. `sink` outlives it.
  /// Throws E_UNSUPPORTED_CODEC or E_LIMIT.
  Decoder(const AVStream& stream, int threads, int reorder_depth, const Limits& limits, LogSink& sink);

  /// 0, AVERROR(EAGAIN) (receive first), or the error of a packet that cannot be decoded.
  int send(const AVPacket& packet);
  void drain();
  /// 0, AVERROR(EAGAIN), AVERROR_EOF, or the error of a picture that cannot be decoded.
  int receive(AVFrame& frame);
  /// As if nothing had been sent: what was still to come out is gone, and no picture is left out.
  void flush();
  /// Whether pictures that no other refers to may be left out from here on.
  void skip_unreferenced(bool skip);
  /// Leaves out what finishes the pictures: which there are, and in what order, stays the same.
  void skip_finish();
  /// Lets pictures come out that rest on a random access point whose own picture has not come out yet (H.264).
  void show_unrecovered();
  /// Pictures that come out before the one a run began with must not be sent to it.
  bool minds_leading() const { return context_->codec_id == AV_CODEC_ID_MPEG4; }
  /// Leaving them out is known not to change the others for this codec.
  bool can_skip_unreferenced() const { return can_skip_; }
  AVCodecContext& context() { return *context_; }

 private:
  CodecContext context_;
  // As the container states it: H.264's decoder keeps what an earlier header said where a later one says nothing.
  AVColorSpace space_ = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range_ = AVCOL_RANGE_UNSPECIFIED;
  bool can_skip_ = false;
  bool fed_ = false;  // since the last flush
};

}  // namespace fp::av
