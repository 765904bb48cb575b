#include "approximate_decoding.h"

#include <algorithm>

#include "error.h"
#include "head_probe.h"
#include "jpeg_images.h"
#include "packet_inspector.h"

namespace fp::av {

namespace {

/// Decoding on over this much is taken to be cheaper than a seek.
constexpr AVRational kNear = {1, 1};
/// Pictures that may come out between an error and the place where the picture is missing: as many as a stream
/// reorders.
constexpr int kReorderedAtMost = 16;

}  // namespace

ApproximateDecoding::ApproximateDecoding(Demuxer& demuxer, HeadersInForce& headers, StreamDecoder& stream,
                                         int coded_height, const Cancel& cancel, DecodeStats& stats)
    : demuxer_(demuxer),
      headers_(headers),
      stream_(stream),
      coded_height_(coded_height),
      cancel_(cancel),
      stats_(stats),
      packet_(av_packet_alloc()) {
  if (!packet_) throw Error("E_LIMIT", "out of memory");
}

bool ApproximateDecoding::next_timed() {
  constexpr int kMostErrors = 1000;
  for (int errors = 0; errors < kMostErrors;) {
    cancel_.throw_if_requested();
    const int result = stream_.receive();
    if (result == AVERROR_EOF) {
      break;
    } else if (result == AVERROR(EAGAIN)) {
      if (demuxer_.read(*packet_)) {
        if (stream_.ends_format(*packet_) || stream_.ends_leftover(*packet_)) {
          demuxer_.unread(*packet_);
          continue;
        }
        const H264Pictures::Found h264 = stream_.prepare(*packet_);
        if (!h264.complete && decoder().is_threaded()) break;
        const bool may_miss_kept = stream_.may_miss_kept(*packet_);
        // Not a place to begin with.
        if (!from_start_ && timed_packets_.count() == 0 && may_miss_kept) break;
        const int64_t number = timed_packets_.add(*packet_, access(), stream_.highest_layer(), h264.follows);
        if (stream_.send(*packet_, number) < 0) since_loss_ = 0;
      } else {
        decoder().drain();
      }
    } else if (result < 0) {
      errors++;
      since_loss_ = 0;
    } else {
      if (since_loss_ < INT32_MAX) since_loss_++;
      const bool discarded = timed_packets_.is_discarded(current());
      const bool by_packet = access().reorders() && !times_guessed_;
      const int64_t pts = discarded ? AV_NOPTS_VALUE : timed_packets_.time_of(current(), by_packet);
      // After a seek, what comes before a picture that needs no other is made of nothing.
      if (!settled_ && !(timed_packets_.stands(current()) && access().stands(current()))) {
        // Where packets do not tell, a mark that is not true once is not believed again.
        keys_mislead_ = !access().tells() && timed_packets_.is_promised_start(current());
        if (keys_mislead_) break;
        continue;
      }
      if (!settled_ && (current().flags & AV_FRAME_FLAG_CORRUPT) != 0) continue;
      settled_ = true;
      if (access().reorders() && timed_packets_.contradicts(current())) times_guessed_ = true;
      if (discarded) continue;
      if (pts == AV_NOPTS_VALUE && current_pts_ == AV_NOPTS_VALUE && !from_start_) continue;
      const int64_t step = std::max<int64_t>(1, frame_duration(current()));
      const int64_t after = current_pts_ == AV_NOPTS_VALUE ? 0 : av_sat_add64(current_pts_, step);
      current_pts_ = last_pts_ = pts != AV_NOPTS_VALUE ? pts : after;
      return true;
    }
  }
  current_pts_ = AV_NOPTS_VALUE;
  return false;
}

/// Which field a packet of MJPEG holds, only counting them from the first one tells; and where times do not tell the
/// order of the pictures, which picture has which is reckoned from the first one on too. `at_start`: no packet was
/// read.
void ApproximateDecoding::look_at_times(bool at_start) {
  // Of the stream itself nothing may be held: it is another one once the demuxer is opened anew.
  const AVCodecID codec = demuxer_.stream().codecpar->codec_id;
  const bool may_have_fields = codec == AV_CODEC_ID_MJPEG;
  keys_mislead_ = keys_mislead_ || only_first_is_key(codec);
  HeadProbe probe(*demuxer_.stream().codecpar);
  if (!at_start && (may_have_fields || probe.wants_more())) demuxer_.reopen();
  in_fields_ = may_have_fields && demuxer_.read(*packet_) && holds_fields(span_of(*packet_), coded_height_);
  av_packet_unref(packet_.get());
  bool timed = true;
  while (probe.wants_more() && demuxer_.read(*packet_)) {
    probe.see(*packet_);
    stream_.may_miss_kept(*packet_);
    timed = timed && packet_->pts != AV_NOPTS_VALUE;
    av_packet_unref(packet_.get());
  }
  stream_.note_look_for_kept(false);
  // How long H.264's decoder holds pictures back is learnt on the way, and tells which time is whose.
  const bool learns = codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC;
  times_guessed_ = (learns && (!timed || probe.hides_reordering())) || probe.mixes_times();
  times_mislead_ = probe.hides_reordering() || times_guessed_;
}

/// Brings the first frame at or after `target` into current().
bool ApproximateDecoding::reach(int64_t target) {
  const bool known = stream_.has_lone_fields();
  const bool reached = reach_or_end(target);
  // Once more, with one thread, where it was found out on the way.
  return reached || known == stream_.has_lone_fields() ? reached : reach_or_end(target);
}

/// The same up to where decoding ends, for whichever reason.
bool ApproximateDecoding::reach_or_end(int64_t target) {
  const int64_t near = av_rescale_q(1, kNear, demuxer_.stream().time_base);
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
    if (*in_fields_ || times_mislead_ || keys_mislead_ || !demuxer_.seek_timestamp(start)) continue;
    stats_.seeks++;
    const std::optional<StreamHeaders> headers = headers_.here(start);
    if (!headers) break;
    stream_.restart({stream_.threads(), 0}, *headers);
    timed_packets_.restart();
    settled_ = from_start_ = false;
    since_loss_ = INT32_MAX;
    current_pts_ = last_pts_ = AV_NOPTS_VALUE;
    if (!next_timed() || current_pts_ > target) continue;
    while (current_pts_ < target) {
      if (!next_timed()) return false;
    }
    return true;
  }
  demuxer_.reopen();
  // How far pictures are reordered, a decoder may have learnt elsewhere.
  if (times_mislead_) stream_.close();
  stream_.restart({times_mislead_ ? 1 : stream_.threads(), 0}, headers_.of_container());
  timed_packets_.restart();
  settled_ = from_start_ = true;
  since_loss_ = INT32_MAX;
  current_pts_ = last_pts_ = AV_NOPTS_VALUE;
  do {
    if (!next_timed()) return false;
  } while (current_pts_ < target);
  return true;
}

/// Brings the last frame of the run that just ended into current().
bool ApproximateDecoding::reach_last() { return last_pts_ != AV_NOPTS_VALUE && reach(last_pts_); }

/// To FFmpeg, the first field of two is an error too.
bool ApproximateDecoding::lost_something() const {
  return since_loss_ <= kReorderedAtMost && !in_fields_.value_or(false);
}

/// What may be said of the frame in current() as the one meant by `target`.
FrameStatus ApproximateDecoding::judge_timed(int64_t target, bool reached, const DecodeTimesRequest& request) const {
  const int64_t off = av_sat_sub64(current_pts_, target);
  // Behind fields that stand alone, FFmpeg drops pictures that come out where decoding begins later.
  if (reached && !times_guessed_ && !stream_.has_lone_fields() && off <= request.tolerance &&
      off >= -request.tolerance) {
    const bool spoilt = timed_packets_.is_spoilt(current(), decoder());
    return is_damaged(current()) || (spoilt && !*in_fields_) ? FrameStatus::kDamaged : FrameStatus::kOk;
  }
  // A gap between times is the stream's own; behind an error, the frame that was meant may be the one that was lost.
  const bool may_stand_in = reached && (!lost_something() || request.on_error == OnError::kNearest);
  return may_stand_in ? FrameStatus::kNearest : FrameStatus::kSkipped;
}

void ApproximateDecoding::decode(const DecodeTimesRequest& request, bool at_start) {
  if (!in_fields_) {
    current_pts_ = AV_NOPTS_VALUE;
    look_at_times(at_start);
  }
  // What is found out of the index must not change what is decoded without it.
  if (stream_.open({times_mislead_ ? 1 : stream_.threads(), 0}, headers_.of_container())) forget();
  // What the header promises beyond the last frame is that one.
  bool at_end = false;
  for (size_t i = 0; i < request.count; i++) {
    const bool repeats =
        i > 0 && current_pts_ != AV_NOPTS_VALUE &&
        (at_end || (current_pts_ >= request.targets[i] && request.targets[i - 1] <= request.targets[i]));
    bool reached = repeats || reach(request.targets[i]);
    if (!reached && (!lost_something() || request.on_error == OnError::kNearest)) {
      reached = at_end = reach_last();
      if (!reached && !lost_something()) throw Error("E_OUT_OF_RANGE", "no frame comes out from there on");
    }
    const FrameStatus status = judge_timed(request.targets[i], reached, request);
    request.status[i] = static_cast<uint8_t>(status);
    if (status == FrameStatus::kSkipped) {
      if (request.on_error != OnError::kSkip) throw Error("E_DECODE", "the frame cannot be decoded");
      request.sink->skip(i);
      request.pts[i] = request.targets[i];
      request.duration[i] = 0;
      continue;
    }
    request.pts[i] = current_pts_;
    request.duration[i] = frame_duration(current());
    if (repeats && request.status[i - 1] != static_cast<uint8_t>(FrameStatus::kSkipped)) {
      request.sink->repeat(i);
      continue;
    }
    const bool ends = i + 1 == request.count && is_huge(current()) && timed_packets_.count() <= kShortRun;
    if (ends) {
      // The decoder holds several: too much beside the output.
      stream_.close();
      forget();
    }
    request.sink->put(current(), stream_.orientation(), i, ends);
  }
}

}  // namespace fp::av
