// Which HEVC packets have a picture that the decoder is to decode (H.265 8.1.3): what leads a picture with which a
// sequence begins, and refers to some before it, is passed over.
#pragma once

#include "coded_units.h"

namespace fp::av {

/// Follows the packets that are sent to one decoder; of another codec than HEVC it says nothing.
class HevcPictures {
 public:
  struct Picture {
    Span slice;  ///< its first one of the layer that is decoded, empty without one
    int type = -1;
    bool begins = false;  ///< the sequence ended in front of it
    bool decodes = false;
  };

  explicit HevcPictures(const AVCodecParameters& parameters) : units_(parameters) {}
  /// Decoding begins somewhere.
  void restart() { begins_ = true; }
  /// Of the next packet.
  Picture next(Span packet);

 private:
  bool ends_sequence(Span packet) const;

  CodedUnits units_;
  bool begins_ = true;
  bool passes_over_ = false;  // pictures that lead the latest random access point
};

}  // namespace fp::av
