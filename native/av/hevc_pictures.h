// Which HEVC packets have a picture that the decoder is to decode (H.265 8.1.3): what leads a picture with which a
// sequence begins, and refers to some before it, is passed over.
#pragma once

#include "ffmpeg.h"
#include "nal_units.h"

namespace fp::av {

/// Follows the packets that are sent to one decoder; of another codec than HEVC it says nothing.
class HevcPictures {
 public:
  explicit HevcPictures(const AVCodecParameters& parameters);
  /// Decoding begins somewhere.
  void restart() { begins_ = true; }
  /// The next picture begins a sequence.
  bool at_begin() const { return begins_; }
  /// Of the packet that is sent next.
  bool decodes(Span packet);

 private:
  bool ends_sequence(Span packet) const;

  bool hevc_ = false;
  int length_size_ = 0;  // of the prefix before each NAL unit, 0: Annex B
  bool begins_ = true;
  bool passes_over_ = false;  // pictures that lead the latest random access point
};

}  // namespace fp::av
