#include "transport_losses.h"

#include <algorithm>
#include <utility>

namespace fp::av {

namespace {

constexpr uint8_t kSync = 0x47;
constexpr size_t kPacket = 188;
/// From packet to packet: as they are, with a time in front of each (Blu-ray's), with a checksum behind each (DVB's).
constexpr size_t kStrides[] = {kPacket, 192, 204};
constexpr size_t kLongestStride = 204;
/// So many in a row are no coincidence.
constexpr size_t kSure = 3;
constexpr int kNullPid = 0x1fff;

/// A payload that is too short for its packet: the adaptation field has bytes behind all that it says it has (2.4.3.4).
bool is_filled_up(const uint8_t* packet) {
  const size_t size = packet[4];
  const bool has_adaptation = (packet[3] & 0x20U) != 0;
  if (!has_adaptation || size > kPacket - 5) return false;
  if (size == 0) return true;
  const uint8_t flags = packet[5];
  size_t used = 1;
  for (const auto& [flag, bytes] : {std::pair<unsigned, size_t>{0x10, 6}, {0x08, 6}, {0x04, 1}}) {
    if ((flags & flag) != 0) used += bytes;
  }
  for (const unsigned flag : {0x02U, 0x01U}) {
    if ((flags & flag) != 0 && used < size) used += size_t{1} + packet[5 + used];
  }
  return used < size;
}

}  // namespace

void TransportLosses::watch(int pid) {
  watched_ = pid;
  const Stream own = streams_[pid];
  streams_.clear();
  streams_[pid] = own;
}

void TransportLosses::see(int64_t position, const uint8_t* data, size_t size) {
  if (position != end_) {
    bytes_.clear();
    streams_.clear();
    begin_ = position;
    in_step_ = false;
    latest_ = -1;
  }
  end_ = position + static_cast<int64_t>(size);
  const auto passed = static_cast<size_t>(std::clamp<int64_t>(begin_ - position, 0, static_cast<int64_t>(size)));
  bytes_.insert(bytes_.end(), data + passed, data + size);
  size_t at = 0;
  while (at + kPacket <= bytes_.size()) {
    const int64_t place = begin_ + static_cast<int64_t>(at);
    if (in_step_ && bytes_[at] != kSync) {
      in_step_ = false;
      expected_ = place;
    }
    if (!in_step_) {
      const size_t reach = (stride_ == 0 ? kLongestStride : stride_) * (kSure - 1);
      if (bytes_.size() - at <= reach) break;
      in_step_ = find_step(at);
      // Bytes of the packet before are missing, or some are too many.
      const bool slipped = in_step_ && (place - expected_) % static_cast<int64_t>(stride_) != 0;
      if (slipped && latest_ >= 0) within_.insert(latest_);
    }
    if (in_step_) see_packet(place, &bytes_[at]);
    at += in_step_ ? stride_ : 1;
  }
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(std::min(at, bytes_.size())));
  begin_ += static_cast<int64_t>(at);
}

/// Whether packets begin at `at`, of the stream's stride or, where it is not known yet, of the one found.
bool TransportLosses::find_step(size_t at) {
  for (const size_t stride : kStrides) {
    if (stride_ != 0 && stride != stride_) continue;
    size_t count = 0;
    while (count < kSure && bytes_[at + count * stride] == kSync) count++;
    if (count < kSure) continue;
    stride_ = stride;
    return true;
  }
  return false;
}

/// Where FFmpeg's demuxer notes a loss, it is one here.
void TransportLosses::see_packet(int64_t position, const uint8_t* packet) {
  const int pid = (packet[1] & 0x1f) << 8 | packet[2];
  const bool has_adaptation = (packet[3] & 0x20) != 0;
  const bool has_payload = (packet[3] & 0x10) != 0;
  latest_ = -1;
  if (pid == kNullPid || (watched_ >= 0 && pid != watched_) || (!has_adaptation && !has_payload)) return;
  Stream& stream = streams_[pid];
  const bool begins = has_payload && (packet[1] & 0x40) != 0;
  const bool has_errors = (packet[1] & 0x80) != 0;
  const bool starts_count = has_adaptation && packet[4] != 0 && (packet[5] & 0x80) != 0;
  const int counter = packet[3] & 0x0f;
  const int expected = (stream.counter + (has_payload ? 1 : 0)) & 0x0f;
  if (stream.counter >= 0 && !starts_count && counter != expected) {
    stream.lost = true;
    if (stream.pes >= 0 && !(begins && stream.complete)) within_.insert(stream.pes);
  }
  stream.counter = counter;
  if (begins) {
    // As FFmpeg has it: where the packet begins with what is in front of it.
    stream.pes = position - static_cast<int64_t>(stride_ - kPacket);
    if (stream.lost) before_.insert(stream.pes);
    stream.lost = false;
  }
  if (has_errors && stream.pes >= 0) within_.insert(stream.pes);
  stream.complete = is_filled_up(packet);
  latest_ = stream.pes;
}

}  // namespace fp::av
