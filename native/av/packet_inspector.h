// What a coded packet puts on the screen, told without decoding it.
#pragma once

#include "handles.h"
#include "nal_units.h"

namespace fp::av {

enum class Structure : uint8_t { kFrame, kTopField, kBottomField };

struct PacketContent {
  bool certain = true;  ///< false: only decoding tells
  bool shown = true;    ///< false: a hidden picture (an alternate reference, say)
  Structure structure = Structure::kFrame;
};

/// One per stream and scan.
class PacketInspector {
 public:
  /// `sample_table`: the packets come from an MP4's, where a sample is one picture by definition for codecs whose
  /// packets would have to be read elsewhere.
  PacketInspector(const AVCodecParameters& parameters, bool sample_table);

  /// False: this codec's packets say too little, decode instead.
  bool known_codec() const { return known_; }
  /// inspect() needs the packet's bytes, not only its size and flags.
  bool needs_media() const { return needs_media_; }
  /// Pictures may come out in another order than their packets.
  bool reorders() const { return reorders_; }
  /// Whether a packet's key flag can be believed at all (GIF marks every packet).
  bool only_first_is_key() const { return codec_ == AV_CODEC_ID_GIF; }

  PacketContent inspect(const AVPacket& packet);

 private:
  PacketContent inspect_h264(const AVPacket& packet);

  AVCodecID codec_;
  bool known_ = true;
  bool needs_media_ = false;
  bool reorders_ = false;
  bool sample_table_;
  H264Layout h264_;
  CodecContext parser_codec_;
  ParserContext parser_;
};

}  // namespace fp::av
