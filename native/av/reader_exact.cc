// Whether a run's pictures are those of a run from the very beginning.
#include "reader.h"

namespace fp::av {

namespace {

/// No frame so far.
constexpr int32_t kNoFrame = INT32_MAX;

}  // namespace

/// As many as may be without another picture.
int Reader::threads_now() const {
  return lone_fields_ || threads_change_pictures(demuxer_->stream().codecpar->codec_id) ? 1 : threads_;
}

/// What the packet that is to be sent says of the pictures that need nothing from before the run.
void Reader::note_access(int32_t ordinal) {
  const int32_t frame = index_.packet_frame[ordinal];
  const Span bytes{packet_->data, static_cast<size_t>(packet_->size)};
  if (ordinal == run_start_) {
    recovery_left_ = recovery_frames_ = -1;
    exact_from_ = ordinal == 0 || !access_->tells() ? -1 : kNoFrame;
  }
  if (exact_from_ != kNoFrame) return;
  if (index_.packet_key[ordinal] != 0 || ordinal == run_start_) {
    const RandomAccess found = access_->look(bytes);
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
  } else if (frame != counted_ && access_->is_reference(bytes)) {
    counted_ = frame;
    recovery_left_--;
  }
}

/// Of the frame in current_, which the run has reached.
bool Reader::is_exact(int32_t frame) const {
  if (frame >= exact_from_) return true;
  return index_.start[frame] == index_.packet[frame] && current_->pict_type == AV_PICTURE_TYPE_I;
}

/// The run has begun and will not get to the frame's right picture.
bool Reader::cannot_be_exact(int32_t frame) const {
  if (next_ordinal_ <= run_start_ || exact_from_ != kNoFrame || index_.start[frame] > run_start_) return false;
  if (index_.packet[frame] == run_start_) return recovery_frames_ > 0;
  return index_.packet[frame] < run_start_ + recovery_frames_ || recovery_frames_ < 0;
}

/// The frame that came out of a packet just now: of those that are packed into one (VP9's layers), one after the other.
int32_t Reader::frame_of(int32_t packet) const {
  const int32_t next = last_output_ + 1;
  const bool goes_on =
      access_->packs_pictures() && next > 0 && next < index_.frames && index_.packet[next - 1] == packet;
  return goes_on && index_.packet[next] == packet ? next : index_.packet_frame[packet];
}

/// Pictures to which no other refers, of whatever layer, need not be decoded. `packet_`'s may be: H.265 7.4.2.2.
bool Reader::is_superfluous() const {
  const Span bytes{packet_->data, static_cast<size_t>(packet_->size)};
  const int layer = access_->unreferenced_layer(bytes);
  return layer >= 0 && layer == held_headers_->highest_layer();
}

}  // namespace fp::av
