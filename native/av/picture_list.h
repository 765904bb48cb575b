// The pictures that a scan of the packets found, and the order in which a decoder will put them out.
#pragma once

#include <vector>

#include "frame_index.h"
#include "packet_inspector.h"

namespace fp::av {

/// What the codec and its decoder do to the order of pictures.
struct OrderRules {
  bool reorders;      ///< pictures may come out in another order than their packets
  bool types_decide;  ///< PacketContent::between tells the order by itself
};

class PictureList {
 public:
  /// The next packet's content. False: the packets do not tell the pictures.
  bool add(const PacketContent& content, int32_t ordinal);
  /// No field waits for its pair.
  bool complete() const { return open_field_ < 0; }
  bool empty() const { return pictures_.empty(); }
  /// Writes the frames in output order. False: the packets do not tell it.
  bool order(const std::vector<IndexedPacket>& packets, const OrderRules& rules,
             std::vector<IndexedFrame>& frames) const;

 private:
  /// In decoding order; packets by ordinal.
  struct Picture {
    int32_t first;
    int32_t last;
    bool between;
    std::optional<int64_t> order;
  };
  bool order_group(const std::vector<IndexedPacket>& packets, const OrderRules& rules, std::vector<Picture> group,
                   std::optional<int64_t>& last, std::vector<IndexedFrame>& frames) const;
  bool follows_types(const std::vector<IndexedPacket>& packets, const std::vector<IndexedFrame>& frames) const;

  std::vector<Picture> pictures_;
  int32_t open_field_ = -1;
  Structure open_structure_ = Structure::kFrame;
};

/// What containers leave open: a picture of two packets lasts as long as both, others without a duration until the
/// next.
void fill_durations(FrameIndex& index);

/// How many pictures, at most, precede another in decoding order and follow it in output order.
int32_t reorder_depth_of(const FrameIndex& index);

}  // namespace fp::av
