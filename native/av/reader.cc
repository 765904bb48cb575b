#include "reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "error.h"
#include "heap.h"
#include "index_builder.h"
#include "saved_index.h"

namespace fp::av {

Reader::Reader(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel, bool keep_log)
    : options_(options), cancel_(cancel), source_(std::move(source)), packet_(av_packet_alloc()) {
  if (!packet_) throw Error("E_LIMIT", "out of memory");
  log_.begin(keep_log);
  const LogScope scope(log_);
  try {
    demuxer_ = std::make_unique<Demuxer>(*source_, options_, cancel_);
    info_ = read_stream_info(*demuxer_, options_.limits, log_);
    cursor_.emplace(*demuxer_, stats_);
    headers_.emplace(*source_, *demuxer_, cancel_);
    stream_.emplace(*demuxer_, *headers_, info_, options_.limits, log_, stats_);
    exact_.emplace(*source_, *demuxer_, *cursor_, *headers_, *stream_, cancel_);
    approximate_.emplace(*demuxer_, *headers_, *stream_, info_.coded_height, cancel_, stats_);
    look_at_head();
  } catch (Error& error) {
    error.log = log_.tail();
    throw;
  }
}

/// The demuxer stands at the first packet and still does afterwards.
void Reader::look_at_head() {
  const AVCodecID codec = demuxer_->stream().codecpar->codec_id;
  if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_MPEG4 && codec != AV_CODEC_ID_MJPEG) return;
  if (!demuxer_->read(*packet_)) return;
  stream_->use_head(read_head(*demuxer_->stream().codecpar, *packet_));
  demuxer_->unread(*packet_);
}

Reader::~Reader() {
  // A decoder keeps several pictures and as much again around them.
  constexpr int64_t kPictures = 12;
  stream_->close();
  demuxer_.reset();
  note_freed(kPictures * info_.coded_width * info_.coded_height * 3 / 2);
}

void Reader::begin(const Cancel& cancel, bool keep_log) {
  cancel_ = cancel;
  demuxer_->set_cancel(cancel);
  log_.begin(keep_log);
}

FrameIndex Reader::build_index() {
  const LogScope scope(log_);
  const bool at_start = cursor_->next() == 0;
  forget_position();
  if (!at_start) demuxer_->reopen();
  return fp::av::build_index(*source_, *demuxer_, options_.limits, log_);
}

FrameIndex Reader::restore_index(Span saved) const {
  return fp::av::restore_index(saved, info_, source_->size(), options_.limits);
}

std::vector<uint8_t> Reader::save_index() const { return fp::av::save_index(index_, info_); }

void Reader::use_index(const IndexView& index) {
  index_ = index;
  cursor_->use_index(index);
  headers_->use_index(index);
  exact_->use_index(index);
  if (!index_.decoded) return;
  // What was decoded to make the index was found out in this way too.
  const LogScope scope(log_);
  if (!demuxer_->inform()) return;
  forget_position();
  cursor_->note_start();
}

void Reader::use_threads(int threads) { stream_->use_threads(threads); }

DecodeStats Reader::take_stats() { return std::exchange(stats_, DecodeStats{}); }

/// Whatever moves the demuxer or the decoder, or replaces one, ends what is known of where they stand, by number and by
/// time.
void Reader::forget_position() {
  cursor_->forget();
  exact_->forget();
  approximate_->forget();
}

/// With the demuxer open. What could not be opened again (a file that was cut off, say) is tried once more: it may
/// throw again.
template <typename Work>
void Reader::at_work(Work work) {
  const LogScope scope(log_);
  try {
    if (!demuxer_->is_open()) {
      forget_position();
      cursor_->restart();
    }
    work();
  } catch (...) {
    forget_position();
    throw;
  }
}

void Reader::decode(const DecodeRequest& request) {
  std::fill_n(request.status, request.count, static_cast<uint8_t>(FrameStatus::kUndone));
  at_work([&] {
    approximate_->forget();
    exact_->decode(request);
  });
}

void Reader::decode_times(const DecodeTimesRequest& request) {
  std::fill_n(request.status, request.count, static_cast<uint8_t>(FrameStatus::kUndone));
  at_work([&] {
    const bool at_start = cursor_->next() == 0;
    cursor_->forget();
    exact_->forget();
    approximate_->decode(request, at_start);
  });
}

void Reader::read_packets(const int32_t* ordinals, size_t count, const std::function<void(const AVPacket&)>& take) {
  at_work([&] {
    // Whatever the decoder was at is over; where the demuxer stands is still known.
    exact_->forget();
    approximate_->forget();
    for (size_t i = 0; i < count; i++) {
      const int32_t ordinal = ordinals[i];
      if (ordinal < 0 || ordinal >= index_.packets) throw Error("E_INTERNAL", "a packet lies outside the index");
      cancel_.throw_if_requested();
      if (cursor_->next() != ordinal) {
        const int32_t key = cursor_->key_before(ordinal + 1);
        if (cursor_->next() < key || cursor_->next() > ordinal) cursor_->move_to(key);
        cursor_->skip_to(ordinal);
      }
      if (cursor_->next() != ordinal || !cursor_->read(*packet_)) {
        throw Error("E_INVALID_DATA", "packet " + std::to_string(ordinal) + " cannot be read");
      }
      stats_.packets++;
      take(*packet_);
      av_packet_unref(packet_.get());
    }
  });
}

}  // namespace fp::av
