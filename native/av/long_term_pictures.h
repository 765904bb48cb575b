// Pictures that H.264 keeps for long: a decoder that begins behind the packet that says so does not have them, and what
// refers to them may take others without a word (ITU-T H.264, 7.4.3.3 and 8.2.5.4).
#pragma once

#include <optional>

#include "coded_units.h"
#include "h264_markings.h"

namespace fp::av {

/// Follows all packets of one stream from its first one; of another codec than H.264 it says nothing.
class LongTermPictures {
 public:
  explicit LongTermPictures(const AVCodecParameters& parameters);
  /// These are in force from the next packet on.
  void use(const StreamHeaders& headers) { markings_.use(headers); }
  /// Of the next packet, whose begin is enough where its picture is no pair of fields. True: what comes behind it may
  /// refer to a picture that was kept for long before it.
  bool next(Span packet);
  /// The next packet is one from elsewhere: where some picture was kept, one may be there, and where nobody looked.
  void move() { kept_ = any_ || !looked_; }
  /// The stream's first packets were looked at; `any`: by somebody else, who found that some picture is kept.
  void note_look(bool any) {
    looked_ = true;
    kept_ = any_ = any_ || any;
  }
  /// There is nothing left to look for: they were, or some kept picture was seen.
  bool looked() const { return looked_ || any_; }
  /// Some picture was kept.
  bool any() const { return any_; }

 private:
  CodedUnits units_;
  H264Markings markings_;
  bool kept_ = false;
  bool any_ = false;
  bool looked_ = false;
};

}  // namespace fp::av
