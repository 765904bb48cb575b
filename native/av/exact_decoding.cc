// Where decoding a frame begins, and whether that was a good place: judged by what comes out.
//
// Where a decoder complained of nothing, its pictures are taken. All else is decoded again, with one thread and leaving
// nothing out, from where decoding the picture begins, whatever was decoded before: the picture is the same however it
// is asked for, and it says that it is damaged when something was wrong with what it may rest on. (With threads of
// FFmpeg's, error flags of a frame may be missing, and an error may be told with a later packet.)
#include "exact_decoding.h"

#include <algorithm>
#include <cmath>

#include "error.h"
#include "refresh_probe.h"

namespace fp::av {

namespace {

/// No frame so far.
constexpr int32_t kNoFrame = INT32_MAX;
}  // namespace

ExactDecoding::ExactDecoding(ByteSource& source, Demuxer& demuxer, PacketCursor& cursor, HeadersInForce& headers,
                             StreamDecoder& stream, const Cancel& cancel)
    : source_(source),
      demuxer_(demuxer),
      cursor_(cursor),
      headers_(headers),
      stream_(stream),
      cancel_(cancel),
      packet_(av_packet_alloc()) {
  if (!packet_) throw Error("E_LIMIT", "out of memory");
}

void ExactDecoding::use_index(const IndexView& index) {
  index_ = index;
  hopeless_.clear();
  left_out_.clear();
  doubtful_.clear();
  better_starts_.clear();
  forget();
}

// --- Runs ------------------------------------------------------------------------------------------------------

/// With `judged_start`, for what comes behind that key packet: a run whose pictures tell what can be decoded.
void ExactDecoding::begin_run(int32_t key, int32_t judged_start) {
  run_start_ = -1;
  const StreamHeaders headers = headers_.before(key);
  cursor_.move_to(key);
  demuxer_.set_palette(headers.palette());
  // What it judges looks the same whatever was decoded before: some decoders refuse what comes behind another format,
  // and what is made up in place of a missing picture may have the motion of an earlier one.
  if (judged_start >= 0) stream_.close();
  stream_.restart({judged_start >= 0 ? 1 : stream_.threads(), index_.reorder_depth}, headers);
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

bool ExactDecoding::can_go_on(int32_t frame) const {
  if (run_start_ < 0 || cursor_.next() < 0) return false;
  if (current_index_ >= 0 ? frame < current_index_ : frame <= last_output_) return false;
  const int32_t start = start_of(frame);
  // What fields that stand alone do to pictures ends where decoding may begin.
  if (start < run_start_ || (stream_.has_lone_fields() && start > run_start_)) return false;
  if (current_index_ == frame) return true;
  // What is known to be wrong somewhere is judged; what was wrong before goes no further than up to the next start.
  const auto doubt = doubtful_.find(start);
  if (judged_start_ >= 0 ? start != judged_start_ : doubt != doubtful_.end()) return false;
  // A judging run that began before the start comes by the same when it is begun anew.
  const bool is_its_run = doubt != doubtful_.end() && doubt->second == run_start_;
  if (!is_its_run && start > run_start_ && went_wrong(run_start_, std::min(start - 1, told_until_))) return false;
  // Already sent in full and not left out: it will come out, drained or not.
  if (index_.last_packet[frame] < cursor_.next()) return skipped_.count(frame) == 0;
  return !drained_ && start <= cursor_.next();
}

void ExactDecoding::plan_drain(const DecodeRequest& request, size_t at) {
  int32_t end = index_.last_packet[request.targets[at]];
  size_t next = at + 1;
  for (; next < request.count && index_.start[request.targets[next]] <= end + 1; next++) {
    end = std::max(end, index_.last_packet[request.targets[next]]);
  }
  drain_after_ = next == request.count && request.more_follows ? -1 : end;
  wanted_begin_ = request.targets + at;
  wanted_end_ = request.targets + next;
}

bool ExactDecoding::wanted(int32_t frame) const { return std::binary_search(wanted_begin_, wanted_end_, frame); }

void ExactDecoding::feed() {
  if (drain_after_ >= 0 && cursor_.next() > drain_after_) {
    decoder().drain();
    drained_ = true;
    return;
  }
  const int32_t ordinal = cursor_.next();
  if (ordinal >= index_.packets || !cursor_.read(*packet_)) {
    // Ended too early, as at the end of a joined part: going on from here would bring nothing.
    if (ordinal < index_.packets) cursor_.forget();
    decoder().drain();
    drained_ = true;
    return;
  }
  if (stream_.ends_format(*packet_)) {
    cursor_.unread(*packet_);
    return;
  }
  const int32_t frame = index_.packet_frame[ordinal];
  // With more to follow, frames past the last wanted one are the next request's.
  const bool may_skip = frame >= 0 && judged_start_ < 0 && (drain_after_ >= 0 || frame < *(wanted_end_ - 1));
  const bool skip = may_skip && !wanted(frame);
  // A packet of which nothing is known may be the second field of the picture before it: they go the same way.
  if (frame >= 0 || !index_.decoded) decoder().skip_unreferenced(skip);
  if (skip) skipped_.insert(frame);
  note_access(ordinal);
  if (skip && is_superfluous()) {
    av_packet_unref(packet_.get());
    return;
  }
  if (judged_start_ >= 0 && frame != aim_ && left_out_.count(ordinal) != 0) {
    skipped_.insert(frame);
    av_packet_unref(packet_.get());
    return;
  }
  if (decoder().minds_leading() && !index_.decoded && frame >= 0 && index_.start[frame] < run_start_) {
    av_packet_unref(packet_.get());
    return;
  }
  const H264Pictures::Found h264 = stream_.prepare(*packet_);
  if (!h264.complete && decoder().is_threaded()) start_ = Start::kBad;
  if (!index_.media_read) note_kept(ordinal);
  packet_->pts = packet_->dts = ordinal;
  // Which pictures are not for show is the index's to say; the run's first one must come out in any case.
  packet_->flags &= ~AV_PKT_FLAG_DISCARD;
  if (judged_start_ >= 0) note_reference(ordinal);
  if (!h264.follows) gaps_.insert(ordinal);
  last_fed_ = frame;
  if (stream_.send(*packet_, ordinal) < 0) rejected_.insert(frame);
}

/// Puts the next picture that the index knows into current(); false at the end of the run.
bool ExactDecoding::next_output() {
  if (current_index_ >= 0) {
    av_frame_unref(&current());
    current_index_ = -1;
  }
  constexpr int kMostErrors = 1000;
  for (int errors = 0; errors < kMostErrors;) {
    cancel_.throw_if_requested();
    const int result = stream_.receive();
    if (result == AVERROR_EOF) {
      return false;
    } else if (result == AVERROR(EAGAIN)) {
      feed();
    } else if (result < 0) {
      rejected_.insert(last_fed_);
      errors++;
    } else {
      const int64_t ordinal = current().pts;
      if (start_ == Start::kAwaited) judge_start(current());
      const bool known = ordinal >= 0 && ordinal < index_.packets && index_.packet_frame[ordinal] >= 0;
      if (known) {
        told_until_ = std::max(told_until_, static_cast<int32_t>(ordinal));
        current_index_ = frame_of(static_cast<int32_t>(ordinal));
        last_output_ = std::max(last_output_, current_index_);
        return true;
      }
      av_frame_unref(&current());
    }
  }
  return false;
}

// --- What packets say ------------------------------------------------------------------------------------------

/// What the packet that is to be sent says of the pictures that need nothing from before the run.
void ExactDecoding::note_access(int32_t ordinal) {
  const int32_t frame = index_.packet_frame[ordinal];
  const Span bytes = span_of(*packet_);
  if (ordinal == run_start_) {
    recovery_left_ = recovery_frames_ = -1;
    exact_from_ = ordinal == 0 || !access().tells() ? -1 : kNoFrame;
  }
  if (exact_from_ != kNoFrame) return;
  if (index_.packet_key[ordinal] != 0 || ordinal == run_start_) {
    const RandomAccess found = access().look(bytes);
    if (found.access == Access::kOpen) {
      exact_from_ = ordinal == run_start_ ? -1 : (frame < 0 ? kNoFrame : frame);
    } else if (ordinal == run_start_ && found.access == Access::kGradual) {
      recovery_left_ = recovery_frames_ = found.recovery_frames;
      // Its own picture promises nothing.
      start_ = Start::kGood;
    } else if (ordinal == run_start_ && !found.intra) {
      start_ = Start::kBad;
    }
  }
  if (exact_from_ != kNoFrame || recovery_left_ < 0 || frame < 0) return;
  if (recovery_left_ == 0) {
    exact_from_ = frame;
  } else if (frame != counted_ && access().is_reference(bytes)) {
    counted_ = frame;
    recovery_left_--;
  }
}

/// An index that is made of tables alone does not tell of pictures that are kept for long: behind one that is not
/// forgotten, no run begins.
void ExactDecoding::note_kept(int32_t ordinal) {
  if (!stream_.may_miss_kept(*packet_) || ordinal != run_start_ || ordinal == 0) return;
  if (!stream_.looked_for_kept()) {
    const bool any = RefreshProbe(source_, *demuxer_.stream().codecpar).keeps_early(index_);
    stream_.note_look_for_kept(any);
    if (!any) return;
  }
  start_ = Start::kBad;
}

/// Of the frame in current(), which the run has reached.
bool ExactDecoding::is_exact(int32_t frame) const {
  if (frame >= exact_from_) return true;
  return index_.start[frame] == index_.packet[frame] && current().pict_type == AV_PICTURE_TYPE_I;
}

/// The run has begun and will not get to the frame's right picture.
bool ExactDecoding::cannot_be_exact(int32_t frame) const {
  if (cursor_.next() <= run_start_ || exact_from_ != kNoFrame || index_.start[frame] > run_start_) return false;
  if (index_.packet[frame] == run_start_) return recovery_frames_ > 0;
  return index_.packet[frame] < run_start_ + recovery_frames_ || recovery_frames_ < 0;
}

/// The frame that came out of a packet just now: of those that are packed into one (VP9's layers), one after the other.
int32_t ExactDecoding::frame_of(int32_t packet) const {
  const int32_t next = last_output_ + 1;
  const bool goes_on = packs_pictures(demuxer_.stream().codecpar->codec_id) && next > 0 && next < index_.frames &&
                       index_.packet[next - 1] == packet;
  return goes_on && index_.packet[next] == packet ? next : index_.packet_frame[packet];
}

/// Pictures to which no other refers, of whatever layer, need not be decoded. `packet_`'s may be: H.265 7.4.2.2.
bool ExactDecoding::is_superfluous() const {
  const Span bytes = span_of(*packet_);
  const int layer = access().unreferenced_layer(bytes);
  return layer >= 0 && layer == stream_.highest_layer();
}

// --- What comes out tells --------------------------------------------------------------------------------------

/// The key packet to begin with: the index's, or an earlier one where that one turned out to be no good start.
int32_t ExactDecoding::start_of(int32_t frame) const {
  const int32_t start = index_.start[frame];
  if (start == index_.packet[frame]) return start;
  const auto better = better_starts_.find(start);
  return better == better_starts_.end() ? start : better->second;
}

void ExactDecoding::go_to(int32_t frame) {
  const int32_t start = start_of(frame);
  const auto doubt = doubtful_.find(start);
  if (doubt == doubtful_.end()) {
    begin_run(start);
  } else {
    begin_run(doubt->second, start);
  }
}

/// Whether something that is wrong with a packet of this run concerns pictures that are decoded from `first` on.
bool ExactDecoding::harms(int32_t packet, int32_t first) const {
  // Pictures that come out before the one decoding began with are known to miss what was before it.
  const int32_t other = index_.packet_frame[packet];
  const int32_t begin = index_.packet_frame[first];
  // Those behind it over which the first pictures are patched together are not decoded from it, and make those that
  // are; so do those that lead another one, which is lost.
  if (other >= 0) {
    return index_.start[other] >= first || (begin >= 0 && other > begin);
  }
  const int64_t pts = index_.packet_pts[packet];
  return pts == AV_NOPTS_VALUE || index_.packet_pts[first] == AV_NOPTS_VALUE || pts >= index_.packet_pts[first];
}

/// Of the pictures that a run begins with where there is none that stands for itself: what they refer to is missing.
bool ExactDecoding::is_patched(int32_t packet) const {
  return recovery_frames_ > 0 && (packet == run_start_ || index_.packet_frame[packet] < exact_from_);
}

/// With the packets from `first`, one to begin with, to `last`.
bool ExactDecoding::went_wrong(int32_t first, int32_t last) const {
  for (int64_t at = first; (at = decoder().complaint(at, last)) >= 0; at++) {
    const auto packet = static_cast<int32_t>(at);
    const bool expected = is_patched(packet) && !decoder().is_wrong_in_itself(packet);
    const bool concerns_others = unreferenced_.count(packet) == 0 || decoder().spoils_more(packet);
    if (!expected && harms(packet, first) && concerns_others) return true;
  }
  return misses_any(first, last);
}

/// A picture to refer to is missing in front of one of them. Not of the first one, which refers to none. Those that
/// lead its picture do not tell: a later one that is missing may be what they seem to lead it for.
bool ExactDecoding::misses_any(int32_t first, int32_t last) const {
  const auto gap = gaps_.upper_bound(first);
  return gap != gaps_.end() && *gap <= last;
}

/// Of the frame in current(): something was wrong with it, or with what it may rest on.
bool ExactDecoding::in_doubt(int32_t frame) const {
  if (current().decode_error_flags != 0) return true;
  const int32_t own = index_.packet[frame];
  const int32_t last = index_.last_packet[frame];
  // The first one of two fields by itself is an error to MJPEG's decoder.
  const bool in_fields = decoder().context().codec_id == AV_CODEC_ID_MJPEG;
  if (decoder().complaint_of_picture(in_fields ? last : own, last) >= 0) return true;
  if (decoder().leftover(run_start_, own - 1) >= 0) return true;
  const int32_t first = std::max(run_start_, start_of(frame));
  return first < own && (went_wrong(first, own - 1) || misses_any(first, own));
}

/// The frame stayed away, and something was wrong with what it needs.
bool ExactDecoding::lost_in_run(int32_t frame) const {
  return went_wrong(std::max(run_start_, start_of(frame)), index_.last_packet[frame]);
}

/// A picture that comes out before one that was sent earlier: MPEG's B pictures, whatever is left of their packets.
bool ExactDecoding::comes_between(int32_t ordinal) const {
  constexpr int32_t kFar = 16;
  const int32_t frame = index_.packet_frame[ordinal];
  if (!access().order_tells_references() || frame < 0) return false;
  for (int32_t before = std::max(run_start_, ordinal - kFar); before < ordinal; before++) {
    if (index_.packet_frame[before] > frame) return true;
  }
  return false;
}

void ExactDecoding::note_reference(int32_t ordinal) {
  const Span bytes = span_of(*packet_);
  if (access().is_unreferenced(bytes, stream_.highest_layer()) || comes_between(ordinal)) {
    unreferenced_.insert(ordinal);
  }
}

/// What a key packet promises is checked: its picture has to come out as one that needs no other.
void ExactDecoding::judge_start(const AVFrame& frame) {
  if (frame.pts < 0 || frame.pts >= index_.packets) return;
  const int32_t expected = index_.packet_frame[run_start_];
  if (frame.pts != run_start_ && (expected < 0 || index_.packet_frame[frame.pts] != expected)) return;
  const bool intra = access().stands(frame);
  // What is missing of a damaged picture is made up from the one before it.
  const int32_t last = expected < 0 ? run_start_ : index_.last_packet[expected];
  const bool whole = !is_damaged(frame) && decoder().complaint_of_picture(run_start_, last) < 0;
  start_ = intra && whole ? Start::kGood : Start::kBad;
}

/// Where a picture that no other needs left something in the decoder in front of the frame, and that may be kept out of
/// it: from the run's begin on, all such are left out but the frame itself.
bool ExactDecoding::leave_out_before(int32_t frame) {
  const int64_t last = index_.packet[frame] - 1;
  bool any = false;
  for (int64_t at = run_start_; judged_start_ >= 0 && (at = decoder().leftover(at, last)) >= 0; at++) {
    const auto packet = static_cast<int32_t>(at);
    const int32_t other = index_.packet_frame[packet];
    if (other < 0 || unreferenced_.count(packet) == 0 || index_.packet[other] != index_.last_packet[other]) continue;
    left_out_.insert(packet);
    any = true;
  }
  return any;
}

ExactDecoding::Fetch ExactDecoding::fetch(int32_t frame) {
  Fetch fetched = fetch_as_is(frame);
  while (fetched == Fetch::kGot && leave_out_before(frame)) {
    begin_run(run_start_, judged_start_);
    drain_after_ = index_.last_packet[frame];
    fetched = fetch_as_is(frame);
  }
  return fetched;
}

ExactDecoding::Fetch ExactDecoding::fetch_as_is(int32_t frame) {
  aim_ = frame;
  for (;;) {
    if (start_ == Start::kBad || cannot_be_exact(frame)) return Fetch::kBadStart;
    if (current_index_ >= 0) {
      if (current_index_ == frame) {
        // Of a picture that is patched together, the first piece is missing: without any other, it was not decoded.
        const bool torn = recovery_frames_ > 0 && run_start_ == start_of(frame);
        if (torn && decoder().is_wrong_in_itself(run_start_)) start_ = Start::kBad;
        return start_ == Start::kGood && is_exact(frame) ? Fetch::kGot : Fetch::kBadStart;
      }
      if (current_index_ > frame) return Fetch::kMissing;
    }
    if (!next_output()) return Fetch::kMissing;
  }
}

/// What came out without a complaint is taken; else a run that judges tells, which begins earlier when its first
/// picture is not what its packet promised, or when the frame stays away although the decoder refused nothing of it.
bool ExactDecoding::fetch_or_retry(int32_t frame) {
  const int32_t start = start_of(frame);
  const bool got = fetch(frame) == Fetch::kGot;
  const bool judges = judged_start_ == start;
  const bool clean = got ? !in_doubt(frame) : !decoder().is_threaded() && !lost_in_run(frame);
  if (got && (judges || clean)) return true;
  // Once more would bring the same, unless reading ended ahead of the frame, as it may where files were joined, or what
  // was sent before or behind it kept it back.
  const bool was_read = got || cursor_.next() == index_.last_packet[frame] + 1;
  const bool certain = was_read && (judges || (clean && (got || run_start_ == start)));
  if (!certain) doubtful_.emplace(start, start);
  int32_t tried = certain ? run_start_ : INT32_MAX;
  bool any_good = certain;
  for (const int32_t from : {start, cursor_.key_before(start), 0}) {
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

/// Brings the frame nearest in time to one that cannot be decoded into current(), the earlier of two; -1 without any.
int32_t ExactDecoding::fetch_nearest(int32_t frame) {
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

// --- Output ----------------------------------------------------------------------------------------------------

/// Of the frame at `at` in the request: the next one that is wanted, or may be, rests on something that is decoded now.
bool ExactDecoding::is_ahead_of_next(const DecodeRequest& request, size_t at) const {
  const int32_t frame = request.targets[at];
  const int32_t* const next = std::upper_bound(request.targets + at, request.targets + request.count, frame);
  if (next == request.targets + request.count && !request.more_follows) return false;
  const int32_t wanted = next == request.targets + request.count ? frame + 1 : *next;
  return wanted < index_.frames && start_of(wanted) <= index_.packet[frame];
}

FrameStatus ExactDecoding::write(const AVFrame& frame, const DecodeRequest& request, size_t at) {
  const FrameStatus status =
      is_damaged(frame) || in_doubt(request.targets[at]) ? FrameStatus::kDamaged : FrameStatus::kOk;
  const bool is_short = cursor_.next() - run_start_ <= kShortRun;
  const bool ends = is_short && is_huge(frame) && !is_ahead_of_next(request, at);
  if (ends) {
    // The decoder holds several: too much beside the output.
    stream_.close();
    forget();
    cursor_.forget();
  }
  request.sink->put(frame, stream_.orientation(), at, ends);
  return status;
}

void ExactDecoding::decode(const DecodeRequest& request) {
  int32_t run_end = -1;
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
      status = write(current(), request, i);
    } else if (request.on_error == OnError::kNearest) {
      const int32_t nearest = fetch_nearest(frame);
      run_end = -1;  // the plan was for the substitute
      if (nearest >= 0) {
        write(current(), request, i);
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
}

}  // namespace fp::av
