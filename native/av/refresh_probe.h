// What an MP4's H.264 says of the places where decoding may begin: an index that is made of the tables alone does not
// tell.
#pragma once

#include <vector>

#include "byte_source.h"
#include "frame_index.h"
#include "long_term_pictures.h"
#include "random_access.h"

namespace fp::av {

/// Reads the begin of the second key packet, and of others only where that one tells so. Where bytes come from afar it
/// reads nothing but what keeps_early() is asked for.
class RefreshProbe {
 public:
  /// Borrows the source.
  RefreshProbe(ByteSource& source, const AVCodecParameters& parameters);
  /// The first bytes of the next packet, whose own are not there, where it has to be looked at; empty otherwise. `key`:
  /// as the table says, and what that is is put into `access`; `refreshing`: reference pictures are counted.
  Span look(const AVPacket& packet, bool key, bool refreshing, RandomAccess& access);

  /// Some picture among the first packets is kept for long, and there are key packets that do not have it forgotten.
  bool keeps_pictures(const std::vector<IndexedPacket>& packets);
  /// The same of the first few packets, whatever comes behind them, wherever their bytes come from.
  bool keeps_early(const IndexView& index);

 private:
  void read(int64_t position, int32_t bytes);
  bool begins_anew() const;

  ByteSource& source_;
  RandomAccessReader access_;
  CodedUnits units_;
  size_t length_size_;  // of the prefix before each NAL unit
  bool near_;           // and the stream's units have lengths
  bool plausible_;
  LongTermPictures long_term_;
  std::vector<uint8_t> head_;
};

}  // namespace fp::av
