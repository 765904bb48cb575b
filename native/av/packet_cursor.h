// Getting the demuxer to a packet of the index, whatever the container can do: a position is what was read, not what a
// seek promised.
#pragma once

#include <deque>
#include <vector>

#include "decode_request.h"
#include "demuxer.h"
#include "frame_index.h"

namespace fp::av {

/// Where the demuxer stands, as a packet's number. Borrows the demuxer, and is told when somebody else moves it.
class PacketCursor {
 public:
  PacketCursor(Demuxer& demuxer, DecodeStats& stats);
  void use_index(const IndexView& index);

  /// Number of the packet that the demuxer yields next, -1 when unknown.
  int32_t next() const { return next_; }
  void forget() { next_ = -1; }
  /// Somebody opened the demuxer anew.
  void note_start();
  void restart();

  /// Moves to a key packet; what is there tells whether it came to it.
  void move_to(int32_t key);
  /// Reads on, as far as there are packets.
  void skip_to(int32_t ordinal);
  /// The next packet; false at the end. Throws E_INDEX when it is another one than the index, kept outside, has there.
  bool read(AVPacket& packet);
  /// Puts it back.
  void unread(AVPacket& packet);
  /// The last key packet before a packet; the first one without any.
  int32_t key_before(int32_t ordinal) const;

 private:
  int32_t ordinal_of(const AVPacket& packet, int32_t wanted) const;
  bool is_at(int32_t ordinal);
  int32_t recognise(int32_t wanted);
  int32_t find_repeated_times() const;
  int64_t timestamp_of(int32_t packet) const;
  bool seek_to(int32_t packet);
  bool seek_near(int32_t target, int32_t key);
  bool seek_bytes(int32_t key);
  bool is_there(const std::deque<Packet>& read, int32_t packet) const;
  bool land_on(int32_t packet);
  void expect(const AVPacket& packet, int32_t ordinal) const;

  Demuxer& demuxer_;
  DecodeStats& stats_;
  IndexView index_;
  Packet packet_;
  std::vector<int32_t> by_position_;    // packet ordinals, sorted by file position
  int32_t repeated_times_ = INT32_MAX;  // the first key packet that seeking by time does not reach
  int32_t next_ = 0;
  bool times_lost_ = false;  // the demuxer began within a stream that has none: those of the index are the packets'
};

}  // namespace fp::av
