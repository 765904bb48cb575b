// Where decoding a frame begins, and whether that was a good place: judged by what comes out.
//
// FFmpeg's threads put pictures out before all is known of them: error flags of a frame may be missing, an error may be
// told with a later packet. What such a decoder gives is taken only where it had nothing to complain of; everything
// else is decoded again, and judged, with one thread.
#include <algorithm>
#include <cmath>

#include "output_row.h"
#include "reader.h"

namespace fp::av {

/// The key packet to begin with: the index's, or an earlier one where that one turned out to be no good start.
int32_t Reader::start_of(int32_t frame) const {
  const int32_t start = index_.start[frame];
  if (start == index_.packet[frame]) return start;
  const auto better = better_starts_.find(start);
  return better == better_starts_.end() ? start : better->second;
}

void Reader::go_to(int32_t frame) {
  const int32_t start = start_of(frame);
  begin_run(start, doubtful_.count(start) != 0 ? 1 : threads_);
}

bool Reader::in_doubt(int32_t frame) const {
  if (!decoder_->is_threaded()) return false;
  if (current_->decode_error_flags != 0) return true;
  // Pictures that come out before the one the run began with are known to miss what was before it.
  const auto leads = [&](int32_t packet) {
    const int32_t other = index_.packet_frame[packet];
    return other >= 0 && index_.start[other] < run_start_;
  };
  const int32_t last = index_.last_packet[frame];
  for (int32_t packet = std::max(run_start_, start_of(frame)); packet <= last; packet++) {
    if (decoder_->complained(packet, packet) && !leads(packet)) return true;
  }
  return false;
}

/// What a key packet promises is checked: its picture has to come out as one that needs no other.
void Reader::judge_start(const AVFrame& frame) {
  if (frame.pts < 0 || frame.pts >= index_.packets) return;
  const int32_t expected = index_.packet_frame[run_start_];
  if (frame.pts != run_start_ && (expected < 0 || index_.packet_frame[frame.pts] != expected)) return;
  const bool intra = is_key_frame(frame) || frame.pict_type == AV_PICTURE_TYPE_I;
  // What is missing of a damaged picture is made up from the one before it.
  start_ = intra && !is_damaged(frame) ? Start::kGood : Start::kBad;
}

Reader::Fetch Reader::fetch(int32_t frame) {
  for (;;) {
    if (start_ == Start::kBad || cannot_be_exact(frame)) return Fetch::kBadStart;
    if (current_index_ >= 0) {
      if (current_index_ == frame) {
        return start_ == Start::kGood && is_exact(frame) ? Fetch::kGot : Fetch::kBadStart;
      }
      if (current_index_ > frame) return Fetch::kMissing;
    }
    if (!next_output()) return Fetch::kMissing;
  }
}

/// When the run's first picture is not what its packet promised, or the frame stays away although the decoder refused
/// nothing of it, an earlier start is taken.
bool Reader::fetch_or_retry(int32_t frame) {
  const int32_t start = start_of(frame);
  Fetch fetched = fetch(frame);
  if (decoder_->is_threaded() && (fetched != Fetch::kGot || in_doubt(frame))) {
    doubtful_.insert(start);
    begin_run(start, 1);
    fetched = fetch(frame);
  }
  if (fetched == Fetch::kGot) return true;
  const int32_t starts[] = {start, key_before(start), 0};
  int32_t tried = run_start_ <= start ? run_start_ : INT32_MAX;
  for (const int32_t from : starts) {
    if (hopeless_.count(frame) != 0 || (start_ == Start::kGood && rejected_.count(frame) != 0)) break;
    if (from >= tried) continue;
    begin_run(from, 1);
    if (fetch(frame) == Fetch::kGot) {
      if (!is_damaged(*current_)) better_starts_[index_.start[frame]] = from;
      return true;
    }
    tried = from;
  }
  hopeless_.insert(frame);
  return false;
}

/// Brings the frame nearest in time to one that cannot be decoded into current_, the earlier of two; -1 without any.
int32_t Reader::fetch_nearest(int32_t frame) {
  constexpr int kMostTries = 256;
  int32_t before = frame - 1;
  int32_t after = frame + 1;
  const auto distance = [&](int32_t other) {
    return std::fabs(static_cast<double>(index_.pts[other]) - static_cast<double>(index_.pts[frame]));
  };
  for (int tries = 0; tries < kMostTries && (before >= 0 || after < index_.frames); tries++) {
    const bool back = after >= index_.frames || (before >= 0 && distance(before) <= distance(after));
    const int32_t candidate = back ? before-- : after++;
    if (hopeless_.count(candidate) != 0) continue;
    substitute_ = candidate;
    wanted_begin_ = &substitute_;
    wanted_end_ = &substitute_ + 1;
    drain_after_ = index_.last_packet[candidate];
    if (!can_go_on(candidate)) go_to(candidate);
    if (fetch_or_retry(candidate)) return candidate;
  }
  return -1;
}

FrameStatus Reader::write(const AVFrame& frame, const DecodeRequest& request, size_t at) {
  convert(frame, request.spec, output_row(request, at));
  return is_damaged(frame) ? FrameStatus::kDamaged : FrameStatus::kOk;
}

}  // namespace fp::av
