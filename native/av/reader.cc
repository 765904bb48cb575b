#include "reader.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "error.h"
#include "heap.h"
#include "index_builder.h"
#include "saved_index.h"

namespace fp::av {

Reader::Reader(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel, bool keep_log)
    : options_(options),
      cancel_(cancel),
      source_(std::move(source)),
      packet_(av_packet_alloc()),
      current_(av_frame_alloc()) {
  if (!packet_ || !current_) throw Error("E_LIMIT", "out of memory");
  log_.begin(keep_log);
  const LogScope scope(log_);
  try {
    demuxer_ = std::make_unique<Demuxer>(*source_, options_, cancel_);
    info_ = read_stream_info(*demuxer_, options_.limits, log_);
    look_at_head();
  } catch (Error& error) {
    error.log = log_.tail();
    throw;
  }
}

/// The demuxer stands at the first packet and still does afterwards.
void Reader::look_at_head() {
  const AVCodecID codec = demuxer_->stream().codecpar->codec_id;
  if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_MPEG4) return;
  if (!demuxer_->read(*packet_)) return;
  head_ = read_head(*demuxer_->stream().codecpar, *packet_);
  demuxer_->unread(*packet_);
}

std::vector<SeekPoint> Reader::seek_points_of(const IndexView& index) {
  std::vector<SeekPoint> points;
  for (int32_t i = 0; i < index.seek_points; i++) points.push_back({index.seek_time[i], index.seek_position[i]});
  return points;
}

Reader::~Reader() {
  // A decoder keeps several pictures and as much again around them.
  constexpr int64_t kPictures = 12;
  decoder_.reset();
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
  const bool at_start = next_ordinal_ == 0;
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
  by_position_.clear();
  for (int32_t i = 0; i < index_.packets; i++) {
    if (index_.packet_position[i] >= 0) by_position_.push_back(i);
  }
  std::stable_sort(by_position_.begin(), by_position_.end(),
                   [&](int32_t a, int32_t b) { return index_.packet_position[a] < index_.packet_position[b]; });
  repeated_times_ = find_repeated_times();
  // What is known of one part of joined recordings may hide the way to another.
  demuxer_->use_seek_points(repeated_times_ == INT32_MAX ? seek_points_of(index_) : std::vector<SeekPoint>());
  hopeless_.clear();
  unlisted_headers_.clear();
  looked_until_ = 0;
  doubtful_.clear();
  better_starts_.clear();
  run_start_ = -1;
  if (!index_.decoded) return;
  // What was decoded to make the index was found out in this way too.
  const LogScope scope(log_);
  if (!demuxer_->inform()) return;
  forget_position();
  next_ordinal_ = 0;
}

DecodeStats Reader::take_stats() { return std::exchange(stats_, DecodeStats{}); }

/// Whatever moves the demuxer or the decoder, or replaces one, ends what is known of where they stand, by number and by
/// time.
void Reader::forget_position() {
  run_start_ = -1;
  next_ordinal_ = -1;
  current_pts_ = AV_NOPTS_VALUE;
}

// --- Runs ------------------------------------------------------------------------------------------------------

void Reader::use_threads(int threads) { threads_ = threads; }

/// What could not be opened again (a file that was cut off, say) is tried once more: it may throw again.
void Reader::ensure_open() {
  if (demuxer_->is_open()) return;
  forget_position();
  demuxer_->reopen();
  next_ordinal_ = 0;
}

/// `past`: of the stream until where decoding begins.
void Reader::open_decoder(const DecoderKind& kind, const StreamHeaders& past) {
  if (decoder_ && decoder_kind_ == kind) return;
  run_start_ = -1;
  current_pts_ = AV_NOPTS_VALUE;
  decoder_kind_ = kind;
  decoder_.reset();
  decoder_ = std::make_unique<Decoder>(demuxer_->stream(), kind.threads, kind.reorder_depth, options_.limits, log_,
                                       head_, past.colour_so_far());
  // Which pictures can be decoded from a start is found out here: the decoder need not hold any back to make sure.
  decoder_->show_unrecovered();
  held_headers_ = container_headers();
  held_headers_->take_past(past);
  access_.emplace(*demuxer_->stream().codecpar);
  h264_pictures_.emplace(*demuxer_->stream().codecpar);
  headers_to_send_.reset();
}

/// For packets from another place, where these headers are in force. A decoder never forgets a header: one that holds
/// others is of no use.
void Reader::restart_decoder(const DecoderKind& kind, const StreamHeaders& headers) {
  const bool keeps = decoder_ && (decoder_->keeps_headers() || decoder_->keeps_picture() || decoder_->awaits_field() ||
                                  counts_fields());
  if (decoder_ && (keeps || *held_headers_ != headers)) decoder_.reset();
  open_decoder(kind, headers);
  next_format_.reset();
  decoder_->flush();
  decoder_->start_colour(headers.colour_so_far());
  h264_pictures_->restart(headers);
  if (*held_headers_ != headers) headers_to_send_ = headers;
}

/// The decoder may have counted fields of H.264 that stand alone, or were lost with what it complained of.
bool Reader::counts_fields() const {
  const std::optional<H264Sps> sequence = held_headers_->h264_sequence();
  return sequence && !sequence->frames_only && (lone_fields_ || decoder_->complaint(0, INT64_MAX) >= 0);
}

/// A decoder that would take the packet just read for one of another format: it is put back, and what came before it
/// comes out.
bool Reader::ends_format() {
  if (!held_headers_->changes_format(Span{packet_->data, static_cast<size_t>(packet_->size)})) return false;
  note_variation();
  next_format_ = *held_headers_;
  next_format_->see(*packet_);
  demuxer_->unread(*packet_);
  decoder_->drain();
  return true;
}

/// Everything came out of the decoder. Another one goes on where it was not to.
bool Reader::change_decoder() {
  if (!next_format_) return false;
  const int32_t run_start = run_start_;
  const int64_t current_pts = current_pts_;
  decoder_.reset();
  open_decoder(DecoderKind(decoder_kind_), *next_format_);
  held_headers_ = std::exchange(next_format_, std::nullopt);
  run_start_ = run_start;
  current_pts_ = current_pts;
  return true;
}

/// With `judged_start`, for what comes behind that key packet: a run whose pictures tell what can be decoded.
void Reader::begin_run(int32_t key, int32_t judged_start) {
  run_start_ = -1;
  current_pts_ = AV_NOPTS_VALUE;
  const StreamHeaders headers = headers_before(key);
  move_to(key);
  demuxer_->set_palette(headers.palette());
  // What it judges looks the same whatever was decoded before: some decoders refuse what comes behind another format,
  // and what is made up in place of a missing picture may have the motion of an earlier one.
  if (judged_start >= 0) decoder_.reset();
  restart_decoder({judged_start >= 0 ? 1 : threads_now(), index_.reorder_depth}, headers);
  av_frame_unref(current_.get());
  orientation_.restart(*demuxer_->stream().codecpar);
  current_index_ = last_output_ = last_fed_ = -1;
  drained_ = false;
  start_ = key == 0 ? Start::kGood : Start::kAwaited;
  rejected_.clear();
  skipped_.clear();
  unreferenced_.clear();
  gaps_.clear();
  told_until_ = -1;
  judged_start_ = judged_start;
  run_start_ = key;
}

bool Reader::can_go_on(int32_t frame) const {
  if (run_start_ < 0 || next_ordinal_ < 0) return false;
  if (current_index_ >= 0 ? frame < current_index_ : frame <= last_output_) return false;
  const int32_t start = start_of(frame);
  // What fields that stand alone do to pictures ends where decoding may begin.
  if (start < run_start_ || (lone_fields_ && start > run_start_)) return false;
  if (current_index_ == frame) return true;
  // What is known to be wrong somewhere is judged; what was wrong before goes no further than up to the next start.
  const auto doubt = doubtful_.find(start);
  if (judged_start_ >= 0 ? start != judged_start_ : doubt != doubtful_.end()) return false;
  // A judging run that began before the start comes by the same when it is begun anew.
  const bool is_its_run = doubt != doubtful_.end() && doubt->second == run_start_;
  if (!is_its_run && start > run_start_ && went_wrong(run_start_, std::min(start - 1, told_until_))) return false;
  // Already sent in full and not left out: it will come out, drained or not.
  if (index_.last_packet[frame] < next_ordinal_) return skipped_.count(frame) == 0;
  return !drained_ && start <= next_ordinal_;
}

void Reader::plan_drain(const DecodeRequest& request, size_t at) {
  int32_t end = index_.last_packet[request.targets[at]];
  size_t next = at + 1;
  for (; next < request.count && index_.start[request.targets[next]] <= end + 1; next++) {
    end = std::max(end, index_.last_packet[request.targets[next]]);
  }
  drain_after_ = next == request.count && request.more_follows ? -1 : end;
  wanted_begin_ = request.targets + at;
  wanted_end_ = request.targets + next;
}

bool Reader::wanted(int32_t frame) const { return std::binary_search(wanted_begin_, wanted_end_, frame); }

void Reader::feed() {
  if (drain_after_ >= 0 && next_ordinal_ > drain_after_) {
    decoder_->drain();
    drained_ = true;
    return;
  }
  if (next_ordinal_ >= index_.packets || !demuxer_->read(*packet_)) {
    // Ended too early, as at the end of a joined part: going on from here would bring nothing.
    if (next_ordinal_ < index_.packets) next_ordinal_ = -1;
    decoder_->drain();
    drained_ = true;
    return;
  }
  if (ends_format()) return;
  const int32_t ordinal = next_ordinal_++;
  if (index_.saved) expect_packet(ordinal);
  const int32_t frame = index_.packet_frame[ordinal];
  // With more to follow, frames past the last wanted one are the next request's.
  const bool may_skip = frame >= 0 && judged_start_ < 0 && (drain_after_ >= 0 || frame < *(wanted_end_ - 1));
  const bool skip = may_skip && !wanted(frame);
  // A packet of which nothing is known may be the second field of the picture before it: they go the same way.
  if (frame >= 0 || !index_.decoded) decoder_->skip_unreferenced(skip);
  if (skip) skipped_.insert(frame);
  note_access(ordinal);
  if (skip && is_superfluous()) {
    av_packet_unref(packet_.get());
    return;
  }
  if (decoder_->minds_leading() && !index_.decoded && frame >= 0 && index_.start[frame] < run_start_) {
    av_packet_unref(packet_.get());
    return;
  }
  send_headers();
  const H264Pictures::Found h264 = h264_pictures_->next(Span{packet_->data, static_cast<size_t>(packet_->size)});
  if (!h264.complete) {
    lone_fields_ = true;
    if (decoder_->is_threaded()) start_ = Start::kBad;
  }
  packet_->pts = packet_->dts = ordinal;
  // Which pictures are not for show is the index's to say; the run's first one must come out in any case.
  packet_->flags &= ~AV_PKT_FLAG_DISCARD;
  if (judged_start_ >= 0) note_reference(ordinal);
  if (!h264.follows) gaps_.insert(ordinal);
  last_fed_ = frame;
  orientation_.feed(*packet_);
  if (decoder_->send(*packet_, ordinal) < 0) rejected_.insert(frame);
  stats_.packets++;
  av_packet_unref(packet_.get());
}

/// An index that was kept outside may be another file's, or anything.
void Reader::expect_packet(int32_t ordinal) const {
  // Where a parser cuts the packets, a start code's first zeros go with either, as reading began before or with them.
  const bool parsed = demuxer_->seeking() != Seeking::kTimestamp;
  const int32_t tolerance = parsed ? 3 : 0;
  const int64_t position = index_.packet_position[ordinal];
  const int64_t pts = index_.packet_pts[ordinal];
  const bool elsewhere = position >= 0 && packet_->pos >= 0 && position != packet_->pos;
  const auto differ = [](int64_t a, int64_t b) { return a != AV_NOPTS_VALUE && b != AV_NOPTS_VALUE && a != b; };
  // Which dts goes with a pts depends on where reading began.
  const bool at_other_time =
      pts == AV_NOPTS_VALUE && !parsed ? differ(index_.packet_dts[ordinal], packet_->dts) : differ(pts, packet_->pts);
  const bool of_other_size = std::abs(int64_t{packet_->size} - index_.packet_size[ordinal]) > tolerance;
  if (!elsewhere && !at_other_time && !of_other_size) return;
  throw Error("E_INDEX",
              "the saved index does not fit the file: packet " + std::to_string(ordinal) + " is another one there");
}

/// Puts the next picture that the index knows into current_; false at the end of the run.
bool Reader::next_output() {
  if (current_index_ >= 0) {
    av_frame_unref(current_.get());
    current_index_ = -1;
  }
  constexpr int kMostErrors = 1000;
  for (int errors = 0; errors < kMostErrors;) {
    cancel_.throw_if_requested();
    const int result = decoder_->receive(*current_);
    if (result == AVERROR_EOF) {
      if (!change_decoder()) return false;
    } else if (result == AVERROR(EAGAIN)) {
      feed();
    } else if (result < 0) {
      rejected_.insert(last_fed_);
      errors++;
    } else {
      stats_.pictures++;
      orientation_.see(*current_, info_.container_orientation);
      const int64_t ordinal = current_->pts;
      if (start_ == Start::kAwaited) judge_start(*current_);
      const bool known = ordinal >= 0 && ordinal < index_.packets && index_.packet_frame[ordinal] >= 0;
      if (known) {
        told_until_ = std::max(told_until_, static_cast<int32_t>(ordinal));
        current_index_ = frame_of(static_cast<int32_t>(ordinal));
        last_output_ = std::max(last_output_, current_index_);
        return true;
      }
      av_frame_unref(current_.get());
    }
  }
  return false;
}

// --- Output ----------------------------------------------------------------------------------------------------

void Reader::decode(const DecodeRequest& request) {
  const LogScope scope(log_);
  std::fill_n(request.status, request.count, static_cast<uint8_t>(FrameStatus::kUndone));
  int32_t run_end = -1;
  try {
    ensure_open();
    for (size_t i = 0; i < request.count; i++) {
      const int32_t frame = request.targets[i];
      if (frame < 0 || frame >= index_.frames) throw Error("E_INTERNAL", "a frame lies outside the index");
      request.delivered[i] = frame;
      if (i > 0 && frame == request.targets[i - 1] &&
          request.status[i - 1] != static_cast<uint8_t>(FrameStatus::kSkipped)) {
        request.sink->repeat(i);
        request.status[i] = request.status[i - 1];
        request.delivered[i] = request.delivered[i - 1];
        continue;
      }
      const bool go_on = can_go_on(frame);
      if (!go_on || i == 0 || frame > run_end) {
        plan_drain(request, i);
        run_end = *(wanted_end_ - 1);
      }
      if (!go_on) go_to(frame);
      FrameStatus status = FrameStatus::kSkipped;
      if (fetch_or_retry(frame)) {
        status = write(*current_, request, i);
      } else if (request.on_error == OnError::kNearest) {
        const int32_t nearest = fetch_nearest(frame);
        run_end = -1;  // the plan was for the substitute
        if (nearest >= 0) {
          write(*current_, request, i);
          request.delivered[i] = nearest;
          status = FrameStatus::kNearest;
        }
      }
      request.status[i] = static_cast<uint8_t>(status);
      if (status == FrameStatus::kSkipped) {
        if (request.on_error != OnError::kSkip) throw Error("E_DECODE", "the frame cannot be decoded");
        request.sink->skip(i);
      }
    }
  } catch (...) {
    forget_position();
    throw;
  }
}

}  // namespace fp::av
