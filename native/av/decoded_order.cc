#include "decoded_order.h"

#include <optional>

#include "best_effort.h"
#include "decoder.h"
#include "error.h"
#include "stream_headers.h"

namespace fp::av {

namespace {

class OrderedDecoding {
 public:
  OrderedDecoding(Demuxer& demuxer, const std::vector<IndexedPacket>& packets, int32_t stop, const OrderDecoding& how,
                  const Limits& limits, LogSink& sink)
      : demuxer_(demuxer),
        packets_(packets),
        stop_(stop),
        how_(how),
        limits_(limits),
        sink_(sink),
        headers_(*demuxer.stream().codecpar),
        packet_(av_packet_alloc()),
        frame_(av_frame_alloc()) {
    if (!packet_ || !frame_) throw Error("E_LIMIT", "out of memory");
  }

  std::vector<DecodedPicture> run() {
    open();
    for (int64_t ordinal = 0; !done_ && demuxer_.read(*packet_); ordinal++) {
      // As Reader does with the frames: libavcodec's decoder drops what it holds, or never notices.
      if (headers_.changes_format(span_of(*packet_))) {
        finish();
        open();
      }
      headers_.see(*packet_);
      packet_->pts = packet_->dts = ordinal;
      // Some decoders would keep these pictures to themselves.
      packet_->flags &= ~AV_PKT_FLAG_DISCARD;
      while (decoder_->send(*packet_) == AVERROR(EAGAIN)) receive_all();
      av_packet_unref(packet_.get());
      receive_all();
    }
    if (!done_) finish();
    return std::move(outputs_);
  }

 private:
  void open() {
    decoder_.emplace(demuxer_.stream(), how_.threads, how_.reorder_depth, limits_, sink_);
    if (stop_ == INT32_MAX) decoder_->skip_finish();
  }

  void finish() {
    decoder_->drain();
    receive_all();
  }

  void receive_all() {
    constexpr int kMostErrors = 100;
    for (int errors = 0; errors < kMostErrors;) {
      const int result = decoder_->receive(*frame_);
      if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return;
      if (result < 0)
        errors++;
      else
        note_picture();
    }
  }

  void note_picture() {
    const int64_t ordinal = frame_->pts;
    const int64_t dts_of = frame_->pkt_dts;
    av_frame_unref(frame_.get());
    const IndexedPacket* packet = packet_of(ordinal);
    if (packet == nullptr) return;
    done_ = done_ || ordinal >= stop_;
    if (packet->discard) return;
    const IndexedPacket* dated = packet_of(dts_of);
    const int64_t pts = best_effort_.next(packet->pts, dated != nullptr ? dated->dts : AV_NOPTS_VALUE);
    outputs_.push_back({static_cast<int32_t>(ordinal), pts});
  }

  const IndexedPacket* packet_of(int64_t ordinal) const {
    const bool known = ordinal >= 0 && ordinal < static_cast<int64_t>(packets_.size());
    return known ? &packets_[static_cast<size_t>(ordinal)] : nullptr;
  }

  Demuxer& demuxer_;
  const std::vector<IndexedPacket>& packets_;
  const int32_t stop_;
  const OrderDecoding how_;
  const Limits& limits_;
  LogSink& sink_;
  StreamHeaders headers_;  // of what was read
  std::optional<Decoder> decoder_;
  Packet packet_;
  Frame frame_;
  BestEffort best_effort_;
  std::vector<DecodedPicture> outputs_;
  bool done_ = false;
};

}  // namespace

std::vector<DecodedPicture> decode_in_order(Demuxer& demuxer, const std::vector<IndexedPacket>& packets, int32_t stop,
                                            const OrderDecoding& how, const Limits& limits, LogSink& sink) {
  return OrderedDecoding(demuxer, packets, stop, how, limits, sink).run();
}

}  // namespace fp::av
