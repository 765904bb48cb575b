// Decoding by time, for streams opened without an index.
#include <algorithm>
#include <cstring>

#include "error.h"
#include "jpeg_images.h"
#include "output_row.h"
#include "reader.h"

namespace fp::av {

namespace {

/// Decoding on over this much is taken to be cheaper than a seek.
constexpr AVRational kNear = {1, 1};
/// Pictures that may come out between an error and the place where the picture is missing: as many as a stream
/// reorders.
constexpr int kReorderedAtMost = 16;

}  // namespace

bool Reader::next_timed() {
  constexpr int kMostErrors = 1000;
  for (int errors = 0; errors < kMostErrors;) {
    cancel_.throw_if_requested();
    const int result = decoder_->receive(*current_);
    if (result == AVERROR_EOF) break;
    if (result == AVERROR(EAGAIN)) {
      if (demuxer_->read(*packet_)) {
        send_headers();
        orientation_.feed(*packet_);
        if (decoder_->send(*packet_) < 0) since_loss_ = 0;
        stats_.packets++;
        av_packet_unref(packet_.get());
      } else {
        decoder_->drain();
      }
    } else if (result < 0) {
      errors++;
      since_loss_ = 0;
    } else {
      stats_.pictures++;
      if (since_loss_ < INT32_MAX) since_loss_++;
      orientation_.see(*current_, info_.container_orientation);
      // After a seek, what comes before a picture that needs no other is made of nothing.
      const bool intra = is_key_frame(*current_) || current_->pict_type == AV_PICTURE_TYPE_I;
      if (!settled_ && (!intra || (current_->flags & AV_FRAME_FLAG_CORRUPT) != 0)) continue;
      settled_ = true;
      const int64_t pts = current_->best_effort_timestamp;
      if (pts == AV_NOPTS_VALUE && current_pts_ == AV_NOPTS_VALUE && !from_start_) continue;
      const int64_t step = std::max<int64_t>(1, frame_duration(*current_));
      const int64_t after = current_pts_ == AV_NOPTS_VALUE ? 0 : av_sat_add64(current_pts_, step);
      current_pts_ = pts != AV_NOPTS_VALUE ? pts : after;
      return true;
    }
  }
  current_pts_ = AV_NOPTS_VALUE;
  return false;
}

/// Which field a packet of MJPEG holds, only counting them from the first one tells.
bool Reader::can_begin_anywhere() {
  const AVCodecParameters& par = *demuxer_->stream().codecpar;
  if (par.codec_id != AV_CODEC_ID_MJPEG) return true;
  if (!in_fields_) {
    demuxer_->reopen();
    current_pts_ = AV_NOPTS_VALUE;
    in_fields_ = demuxer_->read(*packet_) &&
                 holds_fields(Span{packet_->data, static_cast<size_t>(packet_->size)}, info_.coded_height);
    av_packet_unref(packet_.get());
  }
  return !*in_fields_;
}

/// Brings the first frame at or after `target` into current_.
bool Reader::reach(int64_t target) {
  const AVStream& stream = demuxer_->stream();
  const int64_t near = av_rescale_q(1, kNear, stream.time_base);
  const bool live = current_pts_ != AV_NOPTS_VALUE && current_pts_ <= target;
  if (live && av_sat_sub64(target, current_pts_) <= near) {
    while (current_pts_ < target) {
      if (!next_timed()) return false;
    }
    return true;
  }
  // A seek may land late: then once more from well before, then from the start.
  const int64_t starts[] = {target, std::max(av_sat_sub64(target, 4 * near), INT64_MIN + 1)};
  for (const int64_t start : starts) {
    if (!can_begin_anywhere() || !demuxer_->seek_timestamp(start)) continue;
    stats_.seeks++;
    restart_decoder({threads_, 0}, container_headers());
    orientation_.restart(*demuxer_->stream().codecpar);
    settled_ = from_start_ = false;
    since_loss_ = INT32_MAX;
    current_pts_ = AV_NOPTS_VALUE;
    if (!next_timed() || current_pts_ > target) continue;
    while (current_pts_ < target) {
      if (!next_timed()) return false;
    }
    return true;
  }
  demuxer_->reopen();
  restart_decoder({threads_, 0}, container_headers());
  orientation_.restart(*demuxer_->stream().codecpar);
  settled_ = from_start_ = true;
  since_loss_ = INT32_MAX;
  current_pts_ = AV_NOPTS_VALUE;
  do {
    if (!next_timed()) return false;
  } while (current_pts_ < target);
  return true;
}

/// To FFmpeg, the first field of two is an error too.
bool Reader::lost_something() const { return since_loss_ <= kReorderedAtMost && !in_fields_.value_or(false); }

/// What may be said of the frame in current_ as the one meant by `target`.
FrameStatus Reader::judge_timed(int64_t target, bool reached, const DecodeTimesRequest& request) const {
  if (reached && av_sat_sub64(current_pts_, target) <= request.tolerance) {
    return is_damaged(*current_) ? FrameStatus::kDamaged : FrameStatus::kOk;
  }
  // A gap between times is the stream's own; behind an error, the frame that was meant may be the one that was lost.
  const bool may_stand_in = reached && (!lost_something() || request.on_error == OnError::kNearest);
  return may_stand_in ? FrameStatus::kNearest : FrameStatus::kSkipped;
}

void Reader::decode_times(const DecodeTimesRequest& request) {
  const LogScope scope(log_);
  run_start_ = -1;
  ensure_open();
  next_ordinal_ = -1;
  // What is found out of the index must not change what is decoded without it.
  open_decoder({threads_, 0});
  std::fill_n(request.status, request.count, static_cast<uint8_t>(FrameStatus::kUndone));
  try {
    for (size_t i = 0; i < request.count; i++) {
      uint8_t* target = output_row(request, i);
      const bool repeats = i > 0 && current_pts_ != AV_NOPTS_VALUE && current_pts_ >= request.targets[i] &&
                           request.targets[i - 1] <= request.targets[i];
      const bool reached = repeats || reach(request.targets[i]);
      if (!reached && !lost_something()) throw Error("E_OUT_OF_RANGE", "the stream ends before it");
      const FrameStatus status = judge_timed(request.targets[i], reached, request);
      request.status[i] = static_cast<uint8_t>(status);
      if (status == FrameStatus::kSkipped) {
        if (request.on_error != OnError::kSkip) throw Error("E_DECODE", "the frame cannot be decoded");
        std::memset(target, 0, request.spec.frame_bytes);
        request.pts[i] = request.targets[i];
        request.duration[i] = 0;
        continue;
      }
      if (repeats && request.status[i - 1] != static_cast<uint8_t>(FrameStatus::kSkipped)) {
        std::memcpy(target, output_row(request, i - 1), request.spec.frame_bytes);
      } else {
        convert(*current_, request.spec, target);
      }
      request.pts[i] = current_pts_;
      request.duration[i] = frame_duration(*current_);
    }
  } catch (...) {
    forget_position();
    throw;
  }
}

}  // namespace fp::av
