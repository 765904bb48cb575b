// Which headers (parameter sets, sequence headers) are in force at a place of the stream, whatever was decoded before.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "byte_source.h"
#include "cancel.h"
#include "demuxer.h"
#include "frame_index.h"
#include "stream_headers.h"

namespace fp::av {

/// So far into the media every packet is looked at, which costs next to nothing; beyond, where headers were seen to
/// change, and otherwise key packets that are near.
constexpr int64_t kNearBytes = int64_t{8} << 20;

/// Finds them in the index, in the packets that it did not look at, or in the stream's begin. Borrows all it is made
/// with.
class HeadersInForce {
 public:
  HeadersInForce(ByteSource& source, Demuxer& demuxer, const Cancel& cancel);
  void use_index(const IndexView& index);

  /// Those before the first packet.
  StreamHeaders of_container();
  /// Those that the stream has sent before a key packet.
  StreamHeaders before(int32_t key);
  /// By time, without an index, where a seek to `target` has led: none where only the whole stream until there tells.
  std::optional<StreamHeaders> here(int64_t target);
  /// Some packet was seen to change them: from here on every packet counts.
  void note_variation();

 private:
  enum class Brought : uint8_t { kTooLittle, kAllButColour, kAll };

  int32_t apply_listed(StreamHeaders& headers, int32_t next, int32_t packet) const;
  bool look_for_headers(int32_t key, const StreamHeaders& headers);
  bool read_headers(int32_t packet, bool every, const StreamHeaders& headers, std::vector<uint8_t>& begin);
  size_t read_ahead(int64_t position, std::vector<uint8_t>& target, size_t ahead);
  Brought look_ahead(const StreamHeaders& headers, int64_t& position);
  void read_begin();

  ByteSource& source_;
  Demuxer& demuxer_;
  const Cancel& cancel_;
  IndexView index_;
  Packet packet_;
  bool vary_ = false;
  int32_t looked_until_ = 0;  // no packet before it changes them but those listed, here or in the index
  std::vector<std::pair<int32_t, std::vector<uint8_t>>> unlisted_;
  // By time: what the stream's begin says of them, by the position of the packet that changes them.
  bool begin_read_ = false;
  int64_t begin_ = -1;      // the first packet's position
  int64_t begin_end_ = -1;  // of the last one that was read, INT64_MAX: all was read
  std::vector<std::pair<int64_t, StreamHeaders>> timed_;
  std::vector<uint8_t> ahead_;  // of the file, from ahead_position_ on
  int64_t ahead_position_ = 0;
};

}  // namespace fp::av
