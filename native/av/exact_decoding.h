// Frames by number, of an index.
#pragma once

#include <set>
#include <unordered_map>
#include <unordered_set>

#include "cancel.h"
#include "decode_request.h"
#include "frame_index.h"
#include "headers_in_force.h"
#include "packet_cursor.h"
#include "stream_decoder.h"

namespace fp::av {

/// Decodes in runs, each of which begins with a key packet. Borrows all it is made with; after an exception it has to
/// forget().
class ExactDecoding {
 public:
  ExactDecoding(ByteSource& source, Demuxer& demuxer, PacketCursor& cursor, HeadersInForce& headers,
                StreamDecoder& stream, const Cancel& cancel);
  void use_index(const IndexView& index);
  /// Ends the run: somebody else moves the demuxer or the decoder.
  void forget() { run_start_ = -1; }
  /// Throws as Reader::decode().
  void decode(const DecodeRequest& request);

 private:
  bool can_go_on(int32_t frame) const;
  void begin_run(int32_t key, int32_t judged_start = -1);
  void go_to(int32_t frame);
  void plan_drain(const DecodeRequest& request, size_t at);
  bool wanted(int32_t frame) const;
  void feed();
  bool next_output();
  int32_t frame_of(int32_t packet) const;

  void note_access(int32_t ordinal);
  void note_reference(int32_t ordinal);
  void note_kept(int32_t ordinal);
  bool is_superfluous() const;
  bool is_exact(int32_t frame) const;
  bool cannot_be_exact(int32_t frame) const;
  bool comes_between(int32_t ordinal) const;

  int32_t start_of(int32_t frame) const;
  void judge_start(const AVFrame& frame);
  bool harms(int32_t packet, int32_t first) const;
  bool is_patched(int32_t packet) const;
  bool went_wrong(int32_t first, int32_t last) const;
  bool misses_any(int32_t first, int32_t last) const;
  bool in_doubt(int32_t frame) const;
  bool lost_in_run(int32_t frame) const;

  enum class Fetch : uint8_t { kGot, kMissing, kBadStart };
  Fetch fetch(int32_t frame);
  Fetch fetch_as_is(int32_t frame);
  bool leave_out_before(int32_t frame);
  bool fetch_or_retry(int32_t frame);
  int32_t fetch_nearest(int32_t frame);
  bool is_ahead_of_next(const DecodeRequest& request, size_t at) const;
  FrameStatus write(const AVFrame& frame, const DecodeRequest& request, size_t at);

  Decoder& decoder() const { return stream_.decoder(); }
  const RandomAccessReader& access() const { return stream_.access(); }
  AVFrame& current() const { return stream_.current(); }

  ByteSource& source_;
  Demuxer& demuxer_;
  PacketCursor& cursor_;
  HeadersInForce& headers_;
  StreamDecoder& stream_;
  const Cancel& cancel_;
  IndexView index_;
  Packet packet_;

  std::unordered_set<int32_t> hopeless_;  // frames that stayed away from every start
  std::unordered_set<int32_t> left_out_;  // packets that runs which judge leave out but where their frame is wanted
  // Key packets behind which something was wrong, and where the runs that judge it begin.
  std::unordered_map<int32_t, int32_t> doubtful_;
  std::unordered_map<int32_t, int32_t> better_starts_;  // key packets that are no good starts, and what to begin with

  // The run.
  enum class Start : uint8_t { kAwaited, kGood, kBad };
  int32_t run_start_ = -1;         // key packet that it began with, -1 without a run
  int32_t judged_start_ = -1;      // what it judges, -1: it is an ordinary one
  Start start_ = Start::kAwaited;  // its key picture: did it come out, and as one?
  int32_t current_index_ = -1;     // the frame that is the decoder's current one, -1 when it was consumed
  int32_t aim_ = -1;               // the frame it is to bring
  int32_t last_output_ = -1;       // the highest frame that came out
  int32_t last_fed_ = -1;          // the frame of the packet sent last
  int32_t told_until_ = -1;        // all is said of the packets until this one
  int32_t drain_after_ = -1;       // last packet that is needed, -1 to go on
  bool drained_ = false;
  int32_t exact_from_ = INT32_MAX;            // the first frame that needs nothing from before the run
  int recovery_frames_ = -1;                  // reference pictures from the first one until then, -1: not known
  int recovery_left_ = -1;                    // and from the next one
  int32_t counted_ = -1;                      // the frame that was counted last
  std::unordered_set<int32_t> skipped_;       // frames that were left out
  std::unordered_set<int32_t> rejected_;      // frames that the decoder refused
  std::unordered_set<int32_t> unreferenced_;  // packets, where it judges, that no other needs
  std::set<int32_t> gaps_;                    // packets before which a reference is missing

  int32_t substitute_ = -1;  // the frame wanted instead of one that cannot be decoded
  const int32_t* wanted_begin_ = nullptr;
  const int32_t* wanted_end_ = nullptr;
};

}  // namespace fp::av
