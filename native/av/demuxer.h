// Packets of one stream of a container.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "colour.h"
#include "frame_index.h"
#include "handles.h"
#include "input_limits.h"
#include "io_context.h"
#include "transport_losses.h"

namespace fp::av {

struct DemuxerOptions {
  int stream_index = -1;  ///< absolute; -1 takes FFmpeg's best stream of the kind, a cover only where there is no other
  Limits limits;
  AVMediaType kind = AVMEDIA_TYPE_VIDEO;  ///< AVMEDIA_TYPE_UNKNOWN chooses none: FFmpeg looks into all of them
};

/// How a position can be reached again.
enum class Seeking : uint8_t {
  kTimestamp,  ///< the container has an index or can make one
  kByte,       ///< by the packet's file position (MPEG-TS)
  kPosition,   ///< likewise, but only an index tells what there is and when it is shown (raw and program streams)
  kNone,       ///< only from the start (GIF)
};

/// Whole packets are missing in front of it, says the container, and its decoder will not notice.
inline bool misses_packets_before(const AVPacket& packet) { return packet.opaque != nullptr; }

/// Opens the container and yields the chosen stream's packets in file order. Borrows the source and the cancel
/// flag. One thread. After an exception from anything but the constructor, `reopen()` makes it usable again: a read
/// that failed or was cancelled leaves nothing open.
class Demuxer {
 public:
  /// Throws E_UNSUPPORTED_FORMAT, E_INVALID_DATA, E_NO_STREAM, E_LIMIT or E_IO.
  Demuxer(ByteSource& source, const DemuxerOptions& options, const Cancel& cancel);

  void set_cancel(const Cancel& cancel);
  /// False after a read or a reopen() that failed: nothing but reopen() may be called then.
  bool is_open() const { return format_ != nullptr; }
  AVFormatContext& format() { return *format_; }
  AVStream& stream() { return *format_->streams[stream_index_]; }
  /// As the container says it, or else what pictures did that FFmpeg looked into. The stream's own parameters, with
  /// which decoders begin, hold no more than decoders may know.
  const Colour& colour() const { return colour_; }
  IoContext& io() { return *io_; }
  bool is_mov() const { return is_mov_; }
  /// Several edits of an MP4 show parts of its sound: where one of them ends within a packet, timestamps overlap.
  bool rearranges_sound() const { return rearranges_sound_; }
  Seeking seeking() const { return seeking_; }
  /// Packets bear no times: FFmpeg counts them, and behind a seek has to guess where the file does not say (MXF, AVI).
  bool counts_times() const { return counts_times_; }

  /// The next packet of the stream, in `packet`; false at the end. A damaged tail ends the stream like its end does
  /// and leaves its error in `read_error()`. Where the container tells that something of it is missing, it has
  /// AV_PKT_FLAG_CORRUPT. Throws kCancelled or E_IO.
  bool read(AVPacket& packet);
  int read_error() const { return read_error_; }
  /// Puts a packet back: the next read() returns it. Takes the packet's contents.
  void unread(AVPacket& packet);
  /// The palette in force from the next packet on, whatever was read before; empty without one.
  void set_palette(const std::vector<uint8_t>& palette);

  /// Goes to a key packet at or before a timestamp (stream time base). False when the container cannot.
  bool seek_timestamp(int64_t timestamp);
  bool seek_byte(int64_t position);
  /// What it has found since it was opened of where to seek to; none where the header says it all. Ascending.
  std::vector<SeekPoint> found_seek_points();
  /// Has it know from now on what another one found. A wrong one costs time: where a seek led is told by what is read.
  void use_seek_points(std::vector<SeekPoint> points);
  /// Starts again from the first packet, as if just opened.
  void reopen();
  /// Has FFmpeg look into the packets for what the header leaves open (how far pictures are reordered, say), from now
  /// on; starts again from the first packet. False: it did already.
  bool inform();

 private:
  void open();
  void expect_read(int result);
  void choose_stream();
  int best_stream() const;
  bool needs_stream_info() const;
  bool needs_sound_info() const;
  void restore_end(AVPacket& packet);
  void mark_losses(AVPacket& packet);
  void leave();
  void carry_palette(AVPacket& packet);
  void put_palette(AVPacket& packet) const;
  void add_seek_points();
  bool seek(int stream, int64_t target, int flags);

  ByteSource& source_;
  DemuxerOptions options_;
  Cancel cancel_;
  // Destroyed in reverse order: the format context reads through the IO context, which tells of what it reads.
  std::optional<TransportLosses> losses_;
  std::unique_ptr<IoContext> io_;
  FormatContext format_;
  std::deque<Packet> unread_;
  std::vector<uint8_t> palette_;
  std::vector<SeekPoint> seek_points_;
  Colour colour_;
  int stream_index_ = -1;
  int read_error_ = 0;
  int entries_at_open_ = 0;
  int64_t pes_ = -1;  // where the last packet's PES packet is
  int64_t last_dts_ = AV_NOPTS_VALUE;
  int64_t last_duration_ = 0;
  bool is_mov_ = false;
  bool rearranges_sound_ = false;
  bool counts_times_ = false;
  bool tables_checked_ = false;
  bool informed_ = false;
  bool thorough_ = false;
  Seeking seeking_ = Seeking::kTimestamp;
};

}  // namespace fp::av
