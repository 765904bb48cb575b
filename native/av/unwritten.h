// Pictures of which a part was never written, without a word of their decoder.
#pragma once

#include <mutex>
#include <vector>

#include "handles.h"

namespace fp::av {

/// Its decoder leaves off where it can make nothing of a slice's bytes (FFV1's, as those of a stream with other
/// settings) or has no more of them (APNG's, JPEG-LS's, newer ones of H.261, HEVC, SpeedHQ and Ut Video, and VP8's with
/// one thread), and hands the picture on. What is in the rest of its memory is an earlier picture.
bool may_leave_unwritten(AVCodecID codec);

/// Before its decoder has it: what MarkedPictures finds again where nobody writes to it.
void mark(const AVFrame& picture, AVCodecID codec);

/// Marked memory that was handed out, until it is known whether all of it was written.
class MarkedPictures {
 public:
  /// In any thread.
  void add(int64_t packet, const AVFrame& picture, AVCodecID codec);
  /// Which packets up to this one, whose pictures are finished, left some of theirs as it was handed out. Once for
  /// each.
  std::vector<int64_t> take_unwritten(int64_t last);
  void forget();

 private:
  struct Picture {
    int64_t packet;
    AVCodecID codec;
    Frame frame;
  };
  std::mutex mutex_;
  std::vector<Picture> pictures_;
};

}  // namespace fp::av
