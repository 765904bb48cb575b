// Packets to pictures.
#pragma once

#include <optional>

#include "colour.h"
#include "handles.h"
#include "hevc_pictures.h"
#include "input_limits.h"
#include "log.h"
#include "stream_head.h"

namespace fp::av {

/// Which picture a decoded frame is: its packet's ordinal travels through the decoder in place of the timestamp, so
/// that repeated, missing or jumping timestamps cannot confuse two pictures.
inline constexpr int64_t kNoOrdinal = AV_NOPTS_VALUE;

/// The size in the container's header is over the limit: it is put aside, and the pictures tell.
bool claims_too_much(const AVCodecParameters& parameters, const Limits& limits);

/// FFmpeg's frame threads do not give what one thread gives: they decode interlaced MPEG-4 otherwise, and of the
/// several quantizers that a picture of VP3 and its heirs may have, they hand on some of another picture.
bool threads_change_pictures(AVCodecID codec);

/// One of the headers of the next part of a joined Ogg, among its pictures: it changes the decoder, which FFmpeg's
/// threads cannot.
bool is_theora_header(AVCodecID codec, const AVPacket& packet);

/// Some of the picture was made up, as far as its decoder noticed.
inline bool is_damaged(const AVFrame& frame) {
  return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

/// A run that ends with a huge picture, and is no longer than so many packets, is decoded again for whoever asks for
/// the next frame: its decoder is closed.
constexpr int64_t kShortRun = 8;

bool is_huge(const AVFrame& frame);

/// One codec context. One thread drives it. After `drain()` only `receive` and `flush` make sense.
class Decoder {
 public:
  /// `past`: as start_colour().
  /// `reorder_depth`: pictures the stream is known to hold back, for streams that do not say. `head`: for decoders that
  /// may begin elsewhere than at the first packet. `sink` outlives it. Throws E_UNSUPPORTED_CODEC or E_LIMIT.
  Decoder(const AVStream& stream, int threads, int reorder_depth, const Limits& limits, LogSink& sink,
          const StreamHead& head = {}, const Colour& past = {});

  /// 0, AVERROR(EAGAIN) (receive first), or the error of a packet that cannot be decoded; of an earlier one where the
  /// decoder has threads. `ordinal` names the packet to complaint().
  int send(const AVPacket& packet, int64_t ordinal = kNoOrdinal);
  void drain();
  /// 0, AVERROR(EAGAIN), AVERROR_EOF, or the error of a picture that cannot be decoded.
  int receive(AVFrame& frame);
  /// As if nothing had been sent: what was still to come out is gone, and no picture is left out.
  void flush();
  /// The first of the packets [first, last] with which something was wrong, -1 without one. All is said of a packet
  /// once a picture came out that needs it, while error flags of frames may come later than these do where the decoder
  /// has threads.
  int64_t complaint(int64_t first, int64_t last) const { return packets_.complaint(first, last); }
  /// As complaint(), one of the packets: of a picture in these, but for what concerns only those behind it.
  int64_t complaint_of_picture(int64_t first, int64_t last) const { return packets_.complaint_of_picture(first, last); }
  /// The same of one packet, apart from pictures missing that it refers to.
  bool is_wrong_in_itself(int64_t packet) const { return packets_.is_wrong_in_itself(packet); }
  /// Something is wrong with a packet, and with more than its own picture even where no other refers to that.
  bool spoils_more(int64_t packet) const { return packets_.made_up(packet); }
  /// The first of the packets [first, last] of which something stays that gets into other pictures, whether they refer
  /// to its picture or not; -1 without one. A flush leaves it there.
  int64_t leftover(int64_t first, int64_t last) const { return packets_.leftover(first, last); }
  bool keeps_leftover() const { return leftover(0, INT64_MAX) >= 0; }
  /// What it decodes, it may decode in threads of its own.
  bool is_threaded() const { return context_->thread_count > 1; }
  /// A flush leaves what headers in the stream said: where it goes on elsewhere, that has to be forgotten too.
  bool keeps_headers() const { return keeps_headers_ && fed_; }
  /// A flush leaves the last picture there, and the next ones are painted over it.
  bool keeps_picture() const { return keeps_picture_ && fed_; }
  /// H.264: what the headers before the place where decoding begins said of colour.
  void start_colour(const Colour& past);
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
  /// It waits for the second field of a picture, and would beyond a flush too: begin with another one.
  bool awaits_field() const { return context_->codec_id == AV_CODEC_ID_MJPEG && unanswered_; }
  AVCodecContext& context() { return *context_; }

 private:
  void tell(const StreamHead& head);
  void normalise_format(AVFrame& frame) const;
  void note_encoder(const AVPacket& packet);
  void note_error(int result);
  void send_vorbis_headers(const AVPacket& packet);
  int send_whole_words(const AVPacket& packet);
  int send_jpeg(const AVPacket& packet, int64_t ordinal);

  PacketLog packets_;
  CodecContext context_;
  Colour colour_;  // as the container states it
  CodedUnits units_;
  HevcPictures hevc_pictures_;
  int x264_build_ = -1;
  std::optional<HuffmanTables> tables_;  // Motion JPEG
  bool keeps_headers_ = false;
  bool keeps_picture_ = false;
  bool can_skip_ = false;
  bool fed_ = false;                // since the last flush
  int64_t last_sent_ = kNoOrdinal;  // by its ordinal
  bool unanswered_ = false;         // no picture came out since the last packet was sent
};

}  // namespace fp::av
