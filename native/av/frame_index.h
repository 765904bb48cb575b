// Which pictures a stream shows, in the decoder's output order, and how to reach each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ffmpeg.h"

namespace fp::av {

/// One picture. Times are in the stream's time base.
struct IndexedFrame {
  int64_t pts;
  int64_t duration;
  int32_t packet;       ///< ordinal of the packet that begins it
  int32_t last_packet;  ///< ordinal of the last packet that it needs
  int32_t start;        ///< ordinal of the key packet to decode from
  bool key;
};

/// One packet, in file order; its place in the list is its ordinal.
struct IndexedPacket {
  int64_t pts;  ///< AV_NOPTS_VALUE where the container has none, like dts
  int64_t dts;
  int64_t position;  ///< in the file, -1 where unknown
  int64_t duration;
  int32_t size;   ///< bytes
  int32_t frame;  ///< the frame it belongs to, or -1
  bool key;
  bool discard;
  bool field = false;   ///< one field of a picture, of which the next packet may have the other
  bool stands = false;  ///< decoding may begin with it, and its own picture is right then
  int32_t start_before =
      0;  ///< the last packet before it from which its picture can be decoded, if that comes out later
};

/// A packet that changes which headers are in force (stream_headers.h).
struct HeaderChange {
  int32_t packet;
  int32_t extradata;  ///< how many bytes are a new out-of-band header, the packet's own begin follows; -1: a palette
  std::vector<uint8_t> bytes;  ///< at least up to its picture
};

/// Where a demuxer begins to read for what is shown at a time: a place of the container's, not a packet's.
struct SeekPoint {
  int64_t time;  ///< in the stream's time base
  int64_t position;
};

struct FrameIndex {
  std::vector<IndexedFrame> frames;
  std::vector<IndexedPacket> packets;
  std::vector<SeekPoint> seek_points;        ///< what the demuxer found while it read, beside the header's; ascending
  std::vector<HeaderChange> header_changes;  ///< ascending
  bool media_read = true;                    ///< false: the packets themselves may change headers unseen
  int32_t reorder_depth = 0;
  bool decoded = false;  ///< made by decoding everything, since the packets did not tell
  bool saved = false;    ///< it was kept outside: whether it is this file's is looked at packet by packet
  int read_error = 0;    ///< the AVERROR that ended the packets early, or 0
};

/// Gives each packet the frame that it begins: of several the last, or the first where `packed` says that they come one
/// after the other in one packet.
void give_packets(FrameIndex& index, bool packed);

/// The same, read from memory that other threads share; layout in src/protocol/frame-index.ts. Written with what
/// JavaScript wants to know of the whole: there a loop over all frames costs more than all of this.
class IndexView {
 public:
  static constexpr int32_t kMagic = 0x66706934;
  static constexpr size_t kHeaderBytes = 64;

  IndexView() = default;
  /// Throws E_INTERNAL when `size` does not fit the header.
  IndexView(const uint8_t* data, size_t size);
  static size_t bytes(const FrameIndex& index);
  /// `target` has `bytes(index)` bytes, aligned to 8; the time base is the stream's.
  static void write(const FrameIndex& index, AVRational time_base, uint8_t* target);

  bool empty() const { return frames == 0; }
  int32_t frames = 0;
  int32_t packets = 0;
  int32_t reorder_depth = 0;
  bool decoded = false;
  const int64_t* pts = nullptr;
  const int64_t* duration = nullptr;
  const int64_t* packet_pts = nullptr;
  const int64_t* packet_dts = nullptr;
  const int64_t* packet_position = nullptr;
  const int64_t* seek_time = nullptr;
  const int64_t* seek_position = nullptr;
  const int32_t* packet = nullptr;
  const int32_t* last_packet = nullptr;
  const int32_t* start = nullptr;
  const int32_t* packet_frame = nullptr;
  const int32_t* packet_size = nullptr;
  const uint8_t* key = nullptr;
  const uint8_t* packet_key = nullptr;
  int32_t header_changes = 0;
  int32_t seek_points = 0;
  bool media_read = true;
  bool saved = false;
  int32_t read_error = 0;
  const int32_t* change_packet = nullptr;
  const int32_t* change_extradata = nullptr;
  const int32_t* change_end = nullptr;  ///< of each one's bytes, which follow the former's
  const uint8_t* change_bytes = nullptr;
};

}  // namespace fp::av
