// What a packet says of decoding from it on (H.264 7.3.1 and D.2.8, H.265 7.4.2.2, ISO/IEC 13818-2, 14496-2, VP8, VP9,
// early codecs that leave out what stays as it was), and what a picture does.
#pragma once

#include "coded_units.h"
#include "whole_picture.h"

namespace fp::av {

enum class Access : uint8_t {
  kNone,     ///< pictures behind this one may refer to some before it
  kOpen,     ///< what comes out before this picture may not be decodable, all behind it is
  kGradual,  ///< the picture is patched together over the next ones, and exact from then on
};

struct RandomAccess {
  Access access = Access::kNone;
  bool intra = false;       ///< this picture itself needs no other
  bool leads = false;       ///< HEVC: refers to what comes before the key picture in front of it, wherever it comes out
  int recovery_frames = 0;  ///< kGradual: so many reference pictures later everything is exact
};

/// Several pictures that are shown may come in one packet, one after the other.
inline bool packs_pictures(AVCodecID codec) { return codec == AV_CODEC_ID_VP9; }

/// Tells it for packets of one stream.
class RandomAccessReader {
 public:
  explicit RandomAccessReader(const AVCodecParameters& parameters);
  /// False: this codec's packets are not looked into; a key flag is all there is.
  bool tells() const { return tells_; }
  /// `packet` is not empty.
  RandomAccess look(Span packet) const;
  /// Pictures may come out in another order than their packets.
  bool reorders() const { return reorders_; }
  /// The picture needs no other, as far as its decoder tells; where packets tell, they tell better.
  bool stands(const AVFrame& frame) const;
  /// A packet of a codec with which most packets leave out what stays as it was, and containers mark them all.
  bool tells_whole_pictures() const { return whole_pictures_; }
  /// A picture that other pictures of any layer may refer to; true where that is not known.
  bool is_reference(Span packet) const;
  /// Pictures that come out before one that was sent earlier, and only they, are for no other to refer to.
  bool order_tells_references() const;
  /// No other picture refers to it; true also where nothing of an H.264 or HEVC picture is left: their decoders tell
  /// when one that is to be referred to is missing.
  bool is_unreferenced(Span packet, int highest_layer) const;
  /// The HEVC sub-layer that the packet's picture belongs to if it is not for reference there, -1 otherwise.
  int unreferenced_layer(Span packet) const;

 private:
  RandomAccess look_h264(Span packet) const;
  RandomAccess look_hevc(Span packet) const;
  int mpeg_picture_type(Span packet) const;

  AVCodecID codec_;
  CodedUnits units_;
  CodedShape shape_;
  bool tells_ = false;
  bool whole_pictures_ = false;
  bool intra_only_ = false;
  bool reorders_ = false;
};

}  // namespace fp::av
