// Which pictures of an MPEG transport stream miss something, as its own counters tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

namespace fp::av {

/// Follows a transport stream while it is read. The packets of each of its streams are counted from 0 to 15, over and
/// over (ISO/IEC 13818-1 2.4.3.3, continuity_counter). FFmpeg looks at that too, but its parsers hand what it finds on
/// with the picture before. A PES packet, which holds one picture as a rule, goes by the place in the file that FFmpeg
/// says it has. One thread.
class TransportLosses {
 public:
  /// What is read, from whichever place of the file, as often as it is read.
  void see(int64_t position, const uint8_t* data, size_t size);
  /// Only the stream with this packet identifier is of interest from now on.
  void watch(int pid);
  /// Some of the PES packet is missing or has errors.
  bool within(int64_t pes) const { return within_.count(pes) != 0; }
  /// Something is missing since the PES packet before it began: whole ones, perhaps.
  bool before(int64_t pes) const { return before_.count(pes) != 0; }

 private:
  struct Stream {
    int counter = -1;
    int64_t pes = -1;       ///< the one that goes on; -1 unknown
    bool complete = false;  ///< its last packet was filled up: no more of it is to come
    bool lost = false;      ///< something, since it began
  };
  bool find_step(size_t at);
  void see_packet(int64_t position, const uint8_t* packet);

  std::vector<uint8_t> bytes_;  ///< read, and not looked at yet
  int64_t begin_ = 0;           ///< of these, in the file; where they are still to come, of the next ones of interest
  int64_t end_ = 0;             ///< of what was read
  size_t stride_ = 0;           ///< from packet to packet; 0 unknown
  bool in_step_ = false;        ///< a packet begins with the first of the bytes
  int64_t expected_ = 0;        ///< where the next packet was not
  int64_t latest_ = -1;         ///< the PES packet of the packet before; -1 unknown, or of no interest
  int watched_ = -1;
  std::unordered_map<int, Stream> streams_;
  std::set<int64_t> within_;
  std::set<int64_t> before_;
};

}  // namespace fp::av
