// Packets of a sound stream to decoded frames, each with its place in the stream.
#pragma once

#include <functional>
#include <memory>

#include "decoder.h"
#include "demuxer.h"
#include "flac_parts.h"

namespace fp::av {

/// How a frame relates to the one that was yielded before it.
enum class Continuity : uint8_t {
  kFollows,  ///< no sample between them
  kStart,    ///< the stream's first frame
  kGap,      ///< something is missing between them, or the rate is another one
  kLanded,   ///< the one before it was not yielded
};

/// Samples at a frame's rate that must come in front of what is wanted.
using WarmUp = std::function<int64_t(int rate)>;

/// Whole, exact sound: the frames after a seek are bit for bit those of a decoder that came from the start, or there is
/// no seek; unless it may be approximate. Places are counted in samples from the first sample of the stream; they never
/// step back. Where the timestamps say that something is missing, the count goes on behind the gap. Borrows everything.
/// One thread.
class AudioStream {
 public:
  /// Decodes up to the first frame. Throws what Demuxer and Decoder throw, and E_DECODE.
  AudioStream(ByteSource& source, const DemuxerOptions& options, bool approximate, const Cancel& cancel, LogSink& log);

  void set_cancel(const Cancel& cancel);
  Demuxer& demuxer() { return *demuxer_; }
  /// No frame can be had: the stream is empty.
  bool is_empty() const { return first_rate_ == 0; }
  /// Of the first frame.
  double first_seconds() const { return first_seconds_; }

  /// Goes to the first frame that ends after `place`, counted at `rate`, less the frame's own warm-up; false when the
  /// stream ends before. What comes before it may have been decoded or passed over.
  bool seek(int64_t place, int rate, const WarmUp& warm_up);
  /// Goes to the next frame; false at the end, which damage may precede.
  bool next();

  /// After an exception: the next seek() starts anew.
  void forget();

  const AVFrame& frame() const { return *frame_; }
  /// Of the frame's first sample, counted at the frame's own rate.
  int64_t place() const { return place_; }
  Continuity continuity() const { return continuity_; }
  /// Of the frame, or of the last one at the end.
  int rate() const { return rate_; }
  /// Something between the last frame and this one, or the end, could not be decoded: where it began, counted at that
  /// rate; it lasts until place(). -1 otherwise.
  int64_t damage_begin() const { return damage_begin_; }
  const std::string& damage() const { return damage_; }

 private:
  void restart();
  void open_decoder();
  bool begin_next_part();
  bool is_ahead(int64_t place, int rate, int64_t warm_up) const;
  bool jump(int64_t place, int rate, int64_t warm_up);
  bool is_one_file();
  bool skip_packets(int64_t timestamp);
  void feed();
  void note_damage(int error);
  bool gives_nothing(int64_t missing) const;
  void locate();
  int64_t told_place(int64_t pts, int rate) const;
  bool ends_after(int64_t place, int rate, int64_t warm_up) const;

  LogSink& log_;
  Limits limits_;
  Cancel cancel_;
  FlacParts parts_;
  std::unique_ptr<Demuxer> demuxer_;
  std::unique_ptr<Decoder> decoder_;
  Packet packet_;
  Frame frame_;

  int first_rate_ = 0;
  int64_t first_pts_ = AV_NOPTS_VALUE;
  double first_seconds_ = 0;
  /// From where on timestamps count places: the begin of the part.
  int64_t origin_pts_ = AV_NOPTS_VALUE;
  int64_t origin_place_ = 0;
  int origin_rate_ = 0;
  bool begins_part_ = true;
  /// Samples at the first rate that a decoder must have seen before it is what it would be from the start; -1 when only
  /// the start will do.
  int64_t pre_roll_ = -1;
  enum class Jump : uint8_t { kNever, kSeek, kSkip };
  Jump jump_ = Jump::kNever;

  bool exact_places_ = false;  // timestamps count samples: every one is taken at its word
  bool is_joinable_ = false;   // several files may have been joined, whose timestamps each begin anew
  bool other_rates_ = false;   // a rate other than the first came up since the start: then they no longer do
  int64_t place_ = 0;
  int64_t expected_ = 0;  // the place after the frame yielded last
  int rate_ = 0;
  Continuity continuity_ = Continuity::kStart;
  bool started_ = false;       // a frame came out since the last restart or jump
  bool landing_ = false;       // the next frame is the first after a jump
  int64_t landing_limit_ = 0;  // at the first rate: that frame must not begin later
  bool drained_ = false;
  bool ended_ = false;
  int bad_packets_ = 0;                  // since the last frame
  int silent_packets_ = 0;               // sent since the last frame, and to be heard
  int64_t lost_pts_ = AV_NOPTS_VALUE;    // of the last packet by which the container tells of a loss
  int64_t packet_end_ = AV_NOPTS_VALUE;  // of the packet sent last
  int64_t tag_end_ = 0;                  // file position behind the tag that was read last
  bool in_tag_ = false;                  // the packet sent last begins in it
  int64_t damage_begin_ = -1;
  std::string damage_;
};

}  // namespace fp::av
