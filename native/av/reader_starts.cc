// Where decoding a frame begins, and whether that was a good place: judged by what comes out.
//
// Where a decoder complained of nothing, its pictures are taken. All else is decoded again, with one thread and leaving
// nothing out, from where decoding the picture begins, whatever was decoded before: the picture is the same however it
// is asked for, and it says that it is damaged when something was wrong with what it may rest on. (With threads of
// FFmpeg's, error flags of a frame may be missing, and an error may be told with a later packet.)
#include <algorithm>
#include <cmath>

#include "heap.h"
#include "reader.h"

namespace fp::av {

namespace {

/// Packets that may be decoded again for whoever asks for the next frame.
constexpr int32_t kShortRun = 8;

bool is_huge(const AVFrame& frame) {
  const int bytes = av_image_get_buffer_size(static_cast<AVPixelFormat>(frame.format), frame.width, frame.height, 1);
  return bytes < 0 || static_cast<size_t>(bytes) >= kHugePicture;
}

}  // namespace

/// The key packet to begin with: the index's, or an earlier one where that one turned out to be no good start.
int32_t Reader::start_of(int32_t frame) const {
  const int32_t start = index_.start[frame];
  if (start == index_.packet[frame]) return start;
  const auto better = better_starts_.find(start);
  return better == better_starts_.end() ? start : better->second;
}

void Reader::go_to(int32_t frame) {
  const int32_t start = start_of(frame);
  const auto doubt = doubtful_.find(start);
  if (doubt == doubtful_.end()) {
    begin_run(start);
  } else {
    begin_run(doubt->second, start);
  }
}

/// Whether something that is wrong with a packet of this run concerns pictures that are decoded from `first` on.
bool Reader::harms(int32_t packet, int32_t first) const {
  // Pictures that come out before the one decoding began with are known to miss what was before it.
  const int32_t other = index_.packet_frame[packet];
  const int32_t begin = index_.packet_frame[first];
  // Those behind it over which the first pictures are patched together are not decoded from it, and make those that
  // are.
  if (other >= 0) {
    return index_.start[other] >= first || (access_->refreshes() && begin >= 0 && other > begin);
  }
  const int64_t pts = index_.packet_pts[packet];
  return pts == AV_NOPTS_VALUE || index_.packet_pts[first] == AV_NOPTS_VALUE || pts >= index_.packet_pts[first];
}

/// Of the pictures that a run begins with where there is none that stands for itself: what they refer to is missing.
bool Reader::is_patched(int32_t packet) const {
  return recovery_frames_ > 0 && (packet == run_start_ || index_.packet_frame[packet] < exact_from_);
}

/// With the packets from `first`, one to begin with, to `last`.
bool Reader::went_wrong(int32_t first, int32_t last) const {
  for (int64_t at = first; (at = decoder_->complaint(at, last)) >= 0; at++) {
    const auto packet = static_cast<int32_t>(at);
    const bool expected = is_patched(packet) && !decoder_->is_wrong_in_itself(packet);
    const bool concerns_others = unreferenced_.count(packet) == 0 || decoder_->spoils_more(packet);
    if (!expected && harms(packet, first) && concerns_others) return true;
  }
  return misses_any(first, last);
}

/// A picture to refer to is missing in front of one of them. Not of the first one, which refers to none.
bool Reader::misses_any(int32_t first, int32_t last) const {
  const auto begin = gaps_.upper_bound(first);
  return std::any_of(begin, gaps_.upper_bound(last), [&](int32_t packet) { return harms(packet, first); });
}

/// Of the frame in current_: something was wrong with it, or with what it may rest on.
bool Reader::in_doubt(int32_t frame) const {
  if (current_->decode_error_flags != 0) return true;
  const int32_t own = index_.packet[frame];
  const int32_t last = index_.last_packet[frame];
  // The first one of two fields by itself is an error to MJPEG's decoder.
  const bool in_fields = decoder_->context().codec_id == AV_CODEC_ID_MJPEG;
  if (decoder_->complaint(in_fields ? last : own, last) >= 0) return true;
  const int32_t first = std::max(run_start_, start_of(frame));
  return first < own && (went_wrong(first, own - 1) || misses_any(first, own));
}

/// The frame stayed away, and something was wrong with what it needs.
bool Reader::lost_in_run(int32_t frame) const {
  return went_wrong(std::max(run_start_, start_of(frame)), index_.last_packet[frame]);
}

/// A picture that comes out before one that was sent earlier: MPEG's B pictures, whatever is left of their packets.
bool Reader::comes_between(int32_t ordinal) const {
  constexpr int32_t kFar = 16;
  const int32_t frame = index_.packet_frame[ordinal];
  if (!access_->order_tells_references() || frame < 0) return false;
  for (int32_t before = std::max(run_start_, ordinal - kFar); before < ordinal; before++) {
    if (index_.packet_frame[before] > frame) return true;
  }
  return false;
}

void Reader::note_reference(int32_t ordinal) {
  const Span bytes{packet_->data, static_cast<size_t>(packet_->size)};
  if (access_->is_unreferenced(bytes, held_headers_->highest_layer()) || comes_between(ordinal)) {
    unreferenced_.insert(ordinal);
  }
}

/// What a key packet promises is checked: its picture has to come out as one that needs no other.
void Reader::judge_start(const AVFrame& frame) {
  if (frame.pts < 0 || frame.pts >= index_.packets) return;
  const int32_t expected = index_.packet_frame[run_start_];
  if (frame.pts != run_start_ && (expected < 0 || index_.packet_frame[frame.pts] != expected)) return;
  const bool intra = access_->stands(frame);
  // What is missing of a damaged picture is made up from the one before it.
  const int32_t last = expected < 0 ? run_start_ : index_.last_packet[expected];
  const bool whole = !is_damaged(frame) && decoder_->complaint(run_start_, last) < 0;
  start_ = intra && whole ? Start::kGood : Start::kBad;
}

Reader::Fetch Reader::fetch(int32_t frame) {
  for (;;) {
    if (start_ == Start::kBad || cannot_be_exact(frame)) return Fetch::kBadStart;
    if (current_index_ >= 0) {
      if (current_index_ == frame) {
        // Of a picture that is patched together, the first piece is missing: without any other, it was not decoded.
        const bool torn = recovery_frames_ > 0 && run_start_ == start_of(frame);
        if (torn && decoder_->is_wrong_in_itself(run_start_)) start_ = Start::kBad;
        return start_ == Start::kGood && is_exact(frame) ? Fetch::kGot : Fetch::kBadStart;
      }
      if (current_index_ > frame) return Fetch::kMissing;
    }
    if (!next_output()) return Fetch::kMissing;
  }
}

/// What came out without a complaint is taken; else a run that judges tells, which begins earlier when its first
/// picture is not what its packet promised, or when the frame stays away although the decoder refused nothing of it.
bool Reader::fetch_or_retry(int32_t frame) {
  const int32_t start = start_of(frame);
  const bool got = fetch(frame) == Fetch::kGot;
  const bool judges = judged_start_ == start;
  const bool clean = got ? !in_doubt(frame) : !decoder_->is_threaded() && !lost_in_run(frame);
  if (got && (judges || clean)) return true;
  // Once more would bring the same, unless reading ended ahead of the frame, as it may where files were joined, or what
  // was sent before or behind it kept it back.
  const bool was_read = got || next_ordinal_ == index_.last_packet[frame] + 1;
  const bool certain = was_read && (judges || (clean && (got || run_start_ == start)));
  if (!certain) doubtful_.emplace(start, start);
  int32_t tried = certain ? run_start_ : INT32_MAX;
  bool any_good = certain;
  for (const int32_t from : {start, key_before(start), 0}) {
    const bool refused = tried != INT32_MAX && start_ == Start::kGood && rejected_.count(frame) != 0;
    if (hopeless_.count(frame) != 0 || refused) break;
    if (from >= tried) continue;
    begin_run(from, start);
    drain_after_ = index_.last_packet[frame];
    const Fetch fetched = fetch(frame);
    if (!any_good && start_ == Start::kGood) {
      any_good = true;
      doubtful_[start] = from;
    }
    if (fetched == Fetch::kGot) {
      if (from < start && !in_doubt(frame)) {
        better_starts_[index_.start[frame]] = from;
        judged_start_ = start_of(frame);
      }
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
  const FrameStatus status =
      is_damaged(frame) || in_doubt(request.targets[at]) ? FrameStatus::kDamaged : FrameStatus::kOk;
  const bool is_last = at + 1 == request.count && !request.more_follows;
  if (is_last && is_huge(frame) && next_ordinal_ - run_start_ <= kShortRun) {
    // The decoder holds several: too much beside the output.
    decoder_.reset();
    forget_position();
  }
  request.sink->put(frame, orientation(), at);
  return status;
}

}  // namespace fp::av
