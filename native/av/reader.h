// One open file: its stream's facts, its index, its frames.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "decoder.h"
#include "display_orientation.h"
#include "frame_index.h"
#include "frame_sink.h"
#include "h264_pictures.h"
#include "random_access.h"
#include "stream_headers.h"
#include "stream_info.h"
#include "timed_packets.h"

namespace fp::av {

enum class OnError : uint8_t { kThrow, kSkip, kNearest };

/// What became of a wanted frame; src/protocol/job.ts has the same numbers.
enum class FrameStatus : uint8_t { kOk = 0, kDamaged = 1, kNearest = 2, kSkipped = 3, kUndone = 255 };

/// Frames to decode. `targets` ascend and may repeat.
struct DecodeRequest {
  const int32_t* targets;
  size_t count;
  FrameSink* sink;
  OnError on_error = OnError::kThrow;
  bool more_follows = false;  ///< the next request goes on where this one ends: hold nothing back to finish early
  uint8_t* status;            ///< [count], written
  int32_t* delivered;         ///< [count], written: the frame that came
};

/// The same by time, without an index: for each target the first frame at or after it. `targets` ascend, in the
/// stream's time base. A frame that is further than `tolerance` from its target is another one than was meant:
/// kNearest, or, where the decoder refused something just before, one of which `on_error` decides.
struct DecodeTimesRequest {
  const int64_t* targets;
  size_t count;
  FrameSink* sink;
  OnError on_error = OnError::kThrow;
  int64_t tolerance;  ///< in the stream's time base
  uint8_t* status;    ///< [count], written
  int64_t* pts;       ///< [count], written: of the frame that came
  int64_t* duration;  ///< [count], written; 0 where unknown
};

struct DecodeStats {
  int64_t packets = 0;
  int64_t pictures = 0;
  int64_t seeks = 0;
};

/// Not thread-safe. After an exception the next call starts afresh; the reader stays usable.
class Reader {
 public:
  /// `keep_log`: keep all of FFmpeg's messages from the start, not only the last ones.
  Reader(std::unique_ptr<ByteSource> source, const DemuxerOptions& options, const Cancel& cancel, bool keep_log);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// A new job: its cancel flag and its log.
  void begin(const Cancel& cancel, bool keep_log);
  LogSink& log() { return log_; }
  const StreamInfo& info() const { return info_; }
  ByteSource& source() { return *source_; }
  Demuxer& demuxer() { return *demuxer_; }

  FrameIndex build_index();
  /// What save_index() once made of an index of this stream. Throws E_INDEX.
  FrameIndex restore_index(Span saved) const;
  std::vector<uint8_t> save_index() const;
  /// Memory that outlives the reader.
  void use_index(const IndexView& index);
  /// FFmpeg's own threads from here on; another number than before starts the decoder afresh.
  void use_threads(int threads);
  /// Throws E_DECODE with `kSkipped` written at the frame when it cannot be decoded and errors are to be thrown.
  void decode(const DecodeRequest& request);
  /// Beyond the last frame, it is that one, kNearest; throws E_OUT_OF_RANGE where none comes out, E_DECODE with
  /// `kSkipped` written at it like decode(). With threads, damage may be told too late: only one thread knows what is
  /// kOk.
  void decode_times(const DecodeTimesRequest& request);
  /// Packets by number, ascending, as they are in the file, one after the other.
  void read_packets(const int32_t* ordinals, size_t count, const std::function<void(const AVPacket&)>& take);
  DecodeStats take_stats();

 private:
  void forget_position();
  bool can_go_on(int32_t frame) const;
  void begin_run(int32_t key, int32_t judged_start = -1);
  int32_t start_of(int32_t frame) const;
  void go_to(int32_t frame);
  bool went_wrong(int32_t first, int32_t last) const;
  bool misses_any(int32_t first, int32_t last) const;
  bool harms(int32_t packet, int32_t first) const;
  bool is_patched(int32_t packet) const;
  bool comes_between(int32_t ordinal) const;
  void note_reference(int32_t ordinal);
  bool in_doubt(int32_t frame) const;
  bool lost_in_run(int32_t frame) const;
  void move_to(int32_t key);
  int32_t find_repeated_times() const;
  int64_t timestamp_of(int32_t packet) const;
  bool seek_to(int32_t packet);
  bool seek_near(int32_t target, int32_t key);
  void restart();
  int32_t recognise(int32_t wanted);
  int32_t ordinal_of(const AVPacket& packet, int32_t wanted) const;
  void skip_to(int32_t ordinal);
  int32_t key_before(int32_t ordinal) const;
  void plan_drain(const DecodeRequest& request, size_t at);

  enum class Fetch : uint8_t { kGot, kMissing, kBadStart };
  Fetch fetch(int32_t frame);
  bool fetch_or_retry(int32_t frame);
  int32_t fetch_nearest(int32_t frame);
  int32_t frame_of(int32_t packet) const;
  bool next_output();
  void judge_start(const AVFrame& frame);
  void note_access(int32_t ordinal);
  bool is_exact(int32_t frame) const;
  bool cannot_be_exact(int32_t frame) const;
  bool is_superfluous() const;
  void feed();
  void expect_packet(int32_t ordinal) const;
  static std::vector<SeekPoint> seek_points_of(const IndexView& index);
  bool wanted(int32_t frame) const;
  FrameStatus write(const AVFrame& frame, const DecodeRequest& request, size_t at);
  Orientation orientation() const { return orientation_.of(info_.orientation); }

  StreamHeaders container_headers();
  StreamHeaders headers_before(int32_t key);
  bool look_for_headers(int32_t key, const StreamHeaders& headers);
  int32_t apply_listed(StreamHeaders& headers, int32_t next, int32_t packet) const;
  void note_variation();
  std::optional<StreamHeaders> headers_here(int64_t target);
  enum class Brought : uint8_t { kTooLittle, kAllButColour, kAll };
  Brought look_ahead(const StreamHeaders& headers, int64_t& position);
  void read_begin();
  bool read_headers(int32_t packet, bool every, const StreamHeaders& headers, std::vector<uint8_t>& begin);
  size_t read_ahead(int64_t position, std::vector<uint8_t>& target, size_t ahead);
  void send_headers();

  void ensure_open();
  void look_at_head();
  /// What a decoder was opened with: one of another kind is another decoder.
  struct DecoderKind {
    int threads = 0;
    int reorder_depth = 0;
    bool operator==(const DecoderKind& other) const {
      return threads == other.threads && reorder_depth == other.reorder_depth;
    }
  };
  void open_decoder(const DecoderKind& kind, const StreamHeaders& past);
  void restart_decoder(const DecoderKind& kind, const StreamHeaders& headers);
  int threads_now() const;
  bool counts_fields() const;
  bool ends_format();
  bool change_decoder();
  void look_at_times(bool at_start);
  bool reach(int64_t target);
  bool reach_or_end(int64_t target);
  bool next_timed();
  bool reach_last();
  bool lost_something() const;
  FrameStatus judge_timed(int64_t target, bool reached, const DecodeTimesRequest& request) const;

  DemuxerOptions options_;
  int threads_ = 1;
  LogSink log_;
  Cancel cancel_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Demuxer> demuxer_;
  StreamInfo info_{};
  StreamHead head_;
  IndexView index_;
  std::vector<int32_t> by_position_;    // packet ordinals, sorted by file position
  int32_t repeated_times_ = INT32_MAX;  // the first key packet that seeking by time does not reach
  DecoderKind decoder_kind_;
  std::unique_ptr<Decoder> decoder_;
  std::optional<StreamHeaders> held_headers_;     // the decoder's
  std::optional<StreamHeaders> headers_to_send_;  // with the next packet
  std::optional<StreamHeaders> next_format_;      // for another decoder, which the next packet is for
  bool headers_vary_ = false;                     // some packet was seen to change them
  int32_t looked_until_ = 0;  // no packet before it changes them but those listed, here or in the index
  std::vector<std::pair<int32_t, std::vector<uint8_t>>> unlisted_headers_;
  // By time: what the stream's begin says of its headers, by the position of the packet that changes them.
  bool begin_read_ = false;
  int64_t begin_ = -1;      // the first packet's position
  int64_t begin_end_ = -1;  // of the last one that was read, INT64_MAX: all was read
  std::vector<std::pair<int64_t, StreamHeaders>> timed_headers_;
  std::vector<uint8_t> ahead_;  // of the file, from ahead_position_ on
  int64_t ahead_position_ = 0;
  OrientationInForce orientation_;
  DecodeStats stats_;

  Packet packet_;
  Frame current_;                        // what came out last
  int32_t current_index_ = -1;           // the frame in current_, -1 when it was consumed
  int32_t substitute_ = -1;              // the frame wanted instead of one that cannot be decoded
  int32_t last_output_ = -1;             // the highest frame that came out in this run
  int32_t last_fed_ = -1;                // the frame of the packet sent last
  std::unordered_set<int32_t> skipped_;  // frames that were left out in this run
  int32_t told_until_ = -1;              // all is said of the packets of this run until this one
  std::set<int32_t> gaps_;               // packets of this run before which a reference is missing
  std::optional<H264Pictures> h264_pictures_;
  bool lone_fields_ = false;              // H.264: some field of the stream was seen to stand alone
  std::unordered_set<int32_t> rejected_;  // frames that the decoder refused in this run
  std::unordered_set<int32_t> hopeless_;  // frames that stayed away from every start
  // Key packets behind which something was wrong, and where the runs that judge it begin.
  std::unordered_map<int32_t, int32_t> doubtful_;
  int32_t judged_start_ = -1;                           // what this run judges, -1: it is an ordinary one
  std::unordered_set<int32_t> unreferenced_;            // packets of this run, where it judges, that no other needs
  std::unordered_map<int32_t, int32_t> better_starts_;  // key packets that are no good starts, and what to begin with
  int32_t next_ordinal_ = 0;                            // of the packet that the demuxer yields next, -1 when unknown
  int32_t run_start_ = -1;                              // key packet that this run began with, -1 without a run
  int32_t drain_after_ = -1;                            // last packet that the run needs, -1 to go on
  bool drained_ = false;
  enum class Start : uint8_t { kAwaited, kGood, kBad };
  Start start_ = Start::kAwaited;  // the run's key picture: did it come out, and as one?
  TimedPackets timed_packets_;     // by time: sent since the last seek
  std::optional<bool> in_fields_;  // MJPEG: a packet holds a field, a picture takes two; no value: nobody looked yet
  bool times_mislead_ = false;     // by time: they do not tell the order of the pictures
  bool keys_mislead_ = false;      // by time: what is marked as a packet to begin with is none
  bool times_guessed_ = false;     // by time: which is whose depends on how long the decoder holds pictures back
  bool settled_ = false;           // by time: pictures can be decoded from where the last seek led
  bool from_start_ = false;        // by time: nothing was left out, so that the first picture of all is at 0 at least
  int64_t current_pts_ = AV_NOPTS_VALUE;  // by time: of current_, no value without one
  int64_t last_pts_ = AV_NOPTS_VALUE;     // by time: of what came out last, in a run that may be over
  std::optional<RandomAccessReader> access_;
  int32_t exact_from_ = INT32_MAX;  // the first frame that needs nothing from before the run
  int recovery_frames_ = -1;        // reference pictures from the run's first one until then, -1: not known
  int recovery_left_ = -1;          // and from the next one
  int32_t counted_ = -1;            // the frame that was counted last
  int since_loss_ = INT32_MAX;      // by time: pictures that came out since the decoder refused something
  const int32_t* wanted_begin_ = nullptr;
  const int32_t* wanted_end_ = nullptr;
};

}  // namespace fp::av
