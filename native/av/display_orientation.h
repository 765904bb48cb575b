// Orientation that the pictures themselves state: H.264's and HEVC's display orientation SEI.
#pragma once

#include <array>
#include <optional>
#include <unordered_set>

#include "coded_units.h"
#include "demuxer.h"
#include "log.h"
#include "orientation.h"

namespace fp::av {

using DisplayMatrix = std::array<int32_t, 9>;

/// What a decoded picture states of itself; nullopt without.
std::optional<DisplayMatrix> matrix_of(const AVFrame& frame);

/// The matrix of the stream's first picture, where its packet says that there is one. The demuxer must stand at its
/// first packet and still does afterwards; decodes only then.
std::optional<DisplayMatrix> first_matrix(Demuxer& demuxer, const Limits& limits, LogSink& sink);

/// A picture's orientation: what it states, or else the one before it of the same coded video sequence. Decoders tell
/// it of the picture that states it only (H.264 D.2.27, H.265 D.3.17). A sequence that states none has that of the
/// stream's first picture: many encoders state it once.
class OrientationInForce {
 public:
  /// Decoding begins elsewhere.
  void restart(const AVCodecParameters& parameters);
  /// The next packet for the decoder, its timestamp as it goes in.
  void feed(const AVPacket& packet);
  /// The next picture in output order.
  void see(const AVFrame& frame, const Orientation& container);
  Orientation of(const Orientation& first) const { return stated_.value_or(first); }

 private:
  CodedUnits units_;
  std::unordered_set<int64_t> stating_;  // timestamps of packets that state one, be it none
  std::optional<Orientation> stated_;
};

}  // namespace fp::av
