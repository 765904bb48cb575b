#include "stream_decoder.h"

#include <utility>

#include "error.h"

namespace fp::av {

StreamDecoder::StreamDecoder(Demuxer& demuxer, HeadersInForce& headers, const StreamInfo& info, const Limits& limits,
                             LogSink& log, DecodeStats& stats)
    : demuxer_(demuxer),
      headers_(headers),
      info_(info),
      limits_(limits),
      log_(log),
      stats_(stats),
      long_term_(*demuxer.stream().codecpar),
      current_(av_frame_alloc()) {
  if (!current_) throw Error("E_LIMIT", "out of memory");
}

int StreamDecoder::threads() const {
  return lone_fields_ || threads_change_pictures(demuxer_.stream().codecpar->codec_id) ? 1 : threads_;
}

bool StreamDecoder::open(const Kind& kind, const StreamHeaders& past) {
  if (decoder_ && kind_ == kind) return false;
  kind_ = kind;
  decoder_.reset();
  decoder_ = std::make_unique<Decoder>(demuxer_.stream(), kind.threads, kind.reorder_depth, limits_, log_, head_,
                                       past.colour_so_far());
  // Which pictures can be decoded from a start is found out here: the decoder need not hold any back to make sure.
  decoder_->show_unrecovered();
  held_ = headers_.of_container();
  held_->take_past(past);
  access_.emplace(*demuxer_.stream().codecpar);
  h264_pictures_.emplace(*demuxer_.stream().codecpar);
  to_send_.reset();
  return true;
}

/// A decoder never forgets a header: one that holds others is of no use.
void StreamDecoder::restart(const Kind& kind, const StreamHeaders& headers) {
  const bool keeps = decoder_ && (decoder_->keeps_headers() || decoder_->keeps_picture() || decoder_->awaits_field() ||
                                  decoder_->keeps_leftover() || counts_fields());
  if (decoder_ && (keeps || *held_ != headers)) decoder_.reset();
  open(kind, headers);
  next_format_.reset();
  decoder_->flush();
  decoder_->start_colour(headers.colour_so_far());
  h264_pictures_->restart(headers);
  long_term_.use(headers);
  long_term_.move();
  // Those that an earlier run was to begin with may not have been sent.
  to_send_ = *held_ != headers ? std::optional(headers) : std::nullopt;
  av_frame_unref(current_.get());
  orientation_.restart(*demuxer_.stream().codecpar);
}

/// The decoder may have counted fields of H.264 that stand alone, or were lost.
bool StreamDecoder::counts_fields() const {
  const std::optional<H264Sps> sequence = held_->h264_sequence();
  return sequence && !sequence->frames_only;
}

bool StreamDecoder::ends_leftover(const AVPacket& packet) {
  const bool begins = (packet.flags & AV_PKT_FLAG_KEY) != 0 && access_->tells() && packet.size > 0;
  if (!decoder_->keeps_leftover() || !begins || access_->look(span_of(packet)).access != Access::kOpen) return false;
  hand_over(packet);
  return true;
}

bool StreamDecoder::ends_format(const AVPacket& packet) {
  if (!held_->changes_format(span_of(packet))) return false;
  headers_.note_variation();
  hand_over(packet);
  return true;
}

/// All that was sent is to come out; another decoder begins with the packet.
void StreamDecoder::hand_over(const AVPacket& packet) {
  next_format_ = *held_;
  next_format_->see(packet);
  decoder_->drain();
}

/// Everything came out of the decoder. Another one goes on where it was not to.
bool StreamDecoder::change() {
  if (!next_format_) return false;
  decoder_.reset();
  open(Kind(kind_), *next_format_);
  held_ = std::exchange(next_format_, std::nullopt);
  return true;
}

H264Pictures::Found StreamDecoder::prepare(AVPacket& packet) {
  held_->put_own_within(packet);
  if (to_send_) {
    to_send_->put_before(packet);
    to_send_.reset();
  }
  if (held_->see(packet)) {
    headers_.note_variation();
    h264_pictures_->use(*held_);
    long_term_.use(*held_);
  }
  held_->note_picture();
  H264Pictures::Found found = h264_pictures_->next(span_of(packet));
  if (misses_packets_before(packet)) found.follows = false;
  if (!found.complete) lone_fields_ = true;
  return found;
}

int StreamDecoder::send(AVPacket& packet, int64_t number) {
  orientation_.feed(packet);
  const int result = decoder_->send(packet, number);
  stats_.packets++;
  av_packet_unref(&packet);
  return result;
}

int StreamDecoder::receive() {
  const int result = decoder_->receive(*current_);
  if (result == AVERROR_EOF && change()) return AVERROR(EAGAIN);
  if (result >= 0) {
    stats_.pictures++;
    orientation_.see(*current_, info_.container_orientation);
  }
  return result;
}

}  // namespace fp::av
