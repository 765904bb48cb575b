// The decoder of one stream: another one where what it holds of the stream would be wrong.
#pragma once

#include <memory>
#include <optional>

#include "cancel.h"
#include "decode_request.h"
#include "decoder.h"
#include "demuxer.h"
#include "display_orientation.h"
#include "h264_pictures.h"
#include "headers_in_force.h"
#include "long_term_pictures.h"
#include "random_access.h"
#include "stream_headers.h"
#include "stream_info.h"

namespace fp::av {

/// Takes packets from wherever decoding begins, each with the headers in force there, and has the picture that came
/// out last. Borrows all it is made with.
class StreamDecoder {
 public:
  /// What a decoder is opened with: one of another kind is another decoder.
  struct Kind {
    int threads = 0;
    int reorder_depth = 0;
    bool operator==(const Kind& other) const {
      return threads == other.threads && reorder_depth == other.reorder_depth;
    }
  };

  StreamDecoder(Demuxer& demuxer, HeadersInForce& headers, const StreamInfo& info, const Limits& limits, LogSink& log,
                DecodeStats& stats);

  /// For decoders that may begin elsewhere than at the first packet.
  void use_head(const StreamHead& head) { head_ = head; }
  /// FFmpeg's own threads from here on.
  void use_threads(int threads) { threads_ = threads; }
  /// As many as may be without another picture.
  int threads() const;

  /// `past`: of the stream until where decoding begins. True: a decoder was opened, and nothing was sent to it.
  bool open(const Kind& kind, const StreamHeaders& past);
  /// For packets from another place, where these headers are in force.
  void restart(const Kind& kind, const StreamHeaders& headers);
  void close() { decoder_.reset(); }

  /// Whether the decoder would take the packet for one of another format. It is to be put back: what came before it
  /// comes out, and then it goes to another decoder.
  bool ends_format(const AVPacket& packet);
  /// The same of a packet with which decoding may begin, where the decoder would add to its picture what is left of an
  /// earlier one.
  bool ends_leftover(const AVPacket& packet);
  /// Before send(): what the packet brings for the decoder, and what it says of pictures missing or standing alone.
  H264Pictures::Found prepare(AVPacket& packet);
  /// What comes behind the packet may refer to a picture that was kept for long before it. Who asks does so of each
  /// packet, prepared or, from the stream's begin, not to be sent.
  bool may_miss_kept(const AVPacket& packet) { return long_term_.next(span_of(packet)); }
  bool looked_for_kept() const { return long_term_.looked(); }
  /// The stream's first packets were looked at, by may_miss_kept() or by somebody who found `any`.
  void note_look_for_kept(bool any) { long_term_.note_look(any); }
  /// Takes the packet's contents, timestamps as the pictures are to have them. The result is Decoder's.
  int send(AVPacket& packet, int64_t number);
  /// Puts the next picture into current(): 0, AVERROR(EAGAIN) (send first), AVERROR_EOF, or a picture's error.
  int receive();

  Decoder& decoder() { return *decoder_; }
  AVFrame& current() { return *current_; }
  const RandomAccessReader& access() const { return *access_; }
  /// The highest temporal sub-layer of the headers in force.
  int highest_layer() const { return held_->highest_layer(); }
  /// Of the picture that came out last.
  Orientation orientation() const { return orientation_.of(info_.orientation); }
  /// H.264: some field of the stream was seen to stand alone.
  bool has_lone_fields() const { return lone_fields_; }

 private:
  bool counts_fields() const;
  void hand_over(const AVPacket& packet);
  bool change();

  Demuxer& demuxer_;
  HeadersInForce& headers_;
  const StreamInfo& info_;
  const Limits& limits_;
  LogSink& log_;
  DecodeStats& stats_;
  StreamHead head_;
  int threads_ = 1;
  Kind kind_;
  std::unique_ptr<Decoder> decoder_;
  std::optional<StreamHeaders> held_;         // the decoder's
  std::optional<StreamHeaders> to_send_;      // with the next packet
  std::optional<StreamHeaders> next_format_;  // for another decoder, which the next packet is for
  OrientationInForce orientation_;
  std::optional<RandomAccessReader> access_;
  std::optional<H264Pictures> h264_pictures_;
  LongTermPictures long_term_;
  bool lone_fields_ = false;
  Frame current_;
};

}  // namespace fp::av
