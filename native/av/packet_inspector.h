// What a coded packet puts on the screen, told without decoding it.
#pragma once

#include <optional>

#include "coded_units.h"
#include "handles.h"
#include "input_limits.h"

namespace fp::av {

enum class Structure : uint8_t { kFrame, kTopField, kBottomField };

struct PacketContent {
  bool certain = true;           ///< false: only decoding tells
  bool shown = true;             ///< false: a hidden picture (an alternate reference, say)
  std::optional<int64_t> order;  ///< ascends in the order of output; none: only times tell it
  bool between = false;  ///< an MPEG B-picture: comes out at once, before the reference picture that precedes it
  Structure structure = Structure::kFrame;
};

/// Key flags mean nothing: GIF's pictures change a part of what was before, and what FFmpeg shows of VC-2 with 8 bits
/// depends on the pictures before.
inline bool only_first_is_key(AVCodecID codec) { return codec == AV_CODEC_ID_GIF || codec == AV_CODEC_ID_DIRAC; }

/// One per stream and scan.
class PacketInspector {
 public:
  /// `sample_table`: the packets come from an MP4's, where a sample is one picture by definition for codecs whose
  /// packets would have to be read elsewhere.
  PacketInspector(const AVCodecParameters& parameters, bool sample_table, const Limits& limits);

  /// False: this codec's packets say too little, decode instead.
  bool known_codec() const { return known_; }
  /// inspect() needs the packet's bytes, not only its size and flags.
  bool needs_media() const { return needs_media_; }
  /// Which of the two it is has been found out; until then the packets' bytes are needed.
  bool knows_enough() const { return !needs_media_ && !(first_ && first_tells_); }
  /// Pictures may come out in another order than their packets.
  bool reorders() const { return reorders_; }
  /// inspect() tells B-pictures, and these alone decide the order.
  bool tells_order() const { return reorders_ && needs_media_ && codec_ != AV_CODEC_ID_H264; }
  PacketContent inspect(const AVPacket& packet);

 private:
  PacketContent inspect_h264(const AVPacket& packet);
  PacketContent inspect_hevc(Span packet);
  PacketContent inspect_mpeg12(Span packet);
  PacketContent inspect_mpeg4(Span packet);
  PacketContent inspect_mjpeg(Span packet);
  PacketContent inspect_shown(Span packet);
  static bool goes_on(uint64_t seen, std::optional<uint64_t>& known);

  AVCodecID codec_;
  CodedUnits units_;
  bool known_ = true;
  bool needs_media_ = false;
  bool reorders_ = false;
  bool sample_table_;
  bool first_ = true;                 // no packet was seen so far
  bool first_tells_ = false;          // whether the media are needed, by its bytes
  int height_;                        // as the container has it
  bool top_next_ = true;              // MJPEG in fields: of the next one
  std::optional<uint64_t> sequence_;  // what the headers said first, as fingerprints
  std::optional<uint64_t> extension_;
  CodecContext parser_codec_;
  ParserContext parser_;
};

}  // namespace fp::av
