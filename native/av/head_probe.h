// What the headers of a stream's first packets say of its beginning and of its timestamps.
#pragma once

#include "coded_units.h"
#include "handles.h"
#include "random_access.h"

namespace fp::av {

/// One per scan, for codecs that reorder pictures or leave out parts of them; others have nothing to ask.
class HeadProbe {
 public:
  explicit HeadProbe(const AVCodecParameters& parameters);

  /// The next packet's bytes would tell more.
  bool wants_more() const;
  void see(const AVPacket& packet);

  /// False: the stream may begin with pictures that cannot be decoded, whatever the timestamps say.
  bool starts_cleanly() const { return clean_; }
  /// Pictures change their order although their presentation times only ever rise.
  bool hides_reordering() const { return hidden_ && !timestamps_reorder_; }
  /// Only some pictures that others refer to have presentation times: those of the rest are told by what comes with
  /// them.
  bool mixes_times() const { return timed_ && untimed_; }
  /// A packet that is marked as a key packet is none.
  bool key_flags_lie() const { return lying_; }

 private:
  bool is_random_access(Span packet) const;

  AVCodecID codec_;
  CodedUnits units_;
  int seen_ = 0;
  int references_ = 0;
  int last_order_ = 0;
  int64_t last_pts_ = 0;
  bool clean_ = true;
  bool hidden_ = false;
  bool timestamps_reorder_ = false;
  bool all_keys_ = true;
  bool lying_ = false;
  bool timed_ = false;
  bool untimed_ = false;
  RandomAccessReader access_;
  CodecContext context_;
  ParserContext parser_;
};

}  // namespace fp::av
