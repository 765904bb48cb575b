// The order in which pictures come out by what they say themselves (H.264 8.2.1, H.265 8.3.1), whatever their times
// are.
#pragma once

#include <optional>

#include "hevc_pictures.h"
#include "slice_headers.h"
#include "stream_headers.h"

namespace fp::av {

/// Follows all packets of one stream; of other codecs than H.264 and HEVC it says nothing.
class PictureOrder {
 public:
  explicit PictureOrder(const AVCodecParameters& parameters);

  struct Place {
    std::optional<int64_t> order;  ///< ascends in the order of output, over all of the stream; none: not known
    bool certain = true;           ///< false: the picture, or some before it, may not come out at all
  };
  /// Of the next packet's first picture. `headers`: in force with it, others than before where they `changed`.
  Place next(Span packet, const StreamHeaders& headers, bool changed);

 private:
  std::optional<int64_t> place_h264(Span unit);
  Place place_hevc(const HevcPictures::Picture& picture);
  int32_t count_on(uint32_t low, int bits, bool restarts, bool counts);

  CodedUnits units_;
  std::optional<H264Sps> h264_;
  std::optional<HevcOrder> hevc_;
  HevcPictures pictures_;
  int64_t sequence_ = 0;    // how many have begun
  int32_t last_count_ = 0;  // of the picture by which the next one's is told
  int32_t decoded_ = 0;     // pictures of the sequence so far
};

}  // namespace fp::av
