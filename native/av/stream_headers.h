// Headers that a stream may send again among its pictures: parameter sets, sequence headers, palettes. Those in force
// are a matter of the place in the stream, not of what a decoder happens to have seen.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "coded_units.h"
#include "colour.h"
#include "ffmpeg.h"
#include "h264_sps.h"
#include "slice_headers.h"

namespace fp::av {

/// The header that the container puts in the place of the former with this packet, empty without one.
Span new_extradata_of(const AVPacket& packet);

/// The headers in force at one place. Copies are cheap: a stream has a few, of some dozen bytes each.
class StreamHeaders {
 public:
  /// Those of the container, in force before the first packet.
  explicit StreamHeaders(const AVCodecParameters& parameters);

  /// Whether packets of this codec may change them.
  bool may_change() const { return syntax() != Syntax::kNone; }
  /// A picture was decoded with those in force.
  void note_picture() { used_ = true; }
  /// What H.264's sequences said of colour with which pictures were decoded: where a later one says nothing, libavcodec
  /// goes by them.
  Colour colour_so_far() const;
  /// With the same past, but without any header.
  void take_past(const StreamHeaders& other) { former_ = other.colour_so_far(); }
  /// Takes those that a packet sends ahead of its picture; the packet's begin is enough. True: others are in force now.
  bool see(Span packet);
  /// Takes a header that the container puts in the place of the former (AV_PKT_DATA_NEW_EXTRADATA). The same.
  bool replace(Span extradata);
  /// Takes AVPALETTE_SIZE bytes. The same.
  bool set_palette(const uint8_t* palette);
  /// Empty without one.
  const std::vector<uint8_t>& palette() const { return palette_; }
  /// What a packet brings of all these.
  bool see(const AVPacket& packet);
  /// Whether the packet sends any; `whole`: the bytes reach as far as that takes.
  bool carried_by(Span packet, bool& whole) const;
  /// Whether the packet sends all that are in force anew; its begin is enough.
  bool replaced_by(Span packet) const;
  /// Whether pictures are of another format from this packet on, which their decoder would not notice: libavcodec's of
  /// MPEG-2 goes on with the subsampling of chroma that came first. The packet's begin is enough.
  bool changes_format(Span packet) const;
  /// H.264: the packet's sequence leaves open what an earlier one said of colour. The packet's begin is enough.
  bool leaves_colour_open(Span packet) const;
  /// Where the last of those that the packet sends ends, in bytes from its begin.
  size_t end_of_headers(Span packet) const;

  /// Has the packet's decoder put them in force first. Throws E_LIMIT.
  void put_before(AVPacket& packet) const;
  /// MPEG's decoders see nothing of a header that the container brings beside a packet: it is put in front of the
  /// packet's own bytes. Throws E_LIMIT.
  void put_own_within(AVPacket& packet) const;

  /// The highest temporal sub-layer that HEVC's sequences speak of, -1 without any.
  int highest_layer() const;
  /// H.264's sequence, where all in force are alike in how pictures are numbered.
  std::optional<H264Sps> h264_sequence() const;
  /// H.264's picture parameter sets; they lie in here.
  std::vector<Span> h264_pictures() const;
  /// HEVC's, where all in force are alike in it.
  std::optional<HevcOrder> hevc_order() const;

  bool operator==(const StreamHeaders& other) const {
    return units_ == other.units_ && extradata_ == other.extradata_ && palette_ == other.palette_ &&
           former_ == other.former_;
  }
  bool operator!=(const StreamHeaders& other) const { return !(*this == other); }

 private:
  using Syntax = CodedUnits::Syntax;
  using Unit = std::vector<uint8_t>;

  template <typename Visit>
  bool visit(Span packet, Visit visit) const;
  Syntax syntax() const { return coding_.syntax(); }
  uint32_t id_of(Span unit) const;
  bool take(Span unit);
  void drop_dependents(uint32_t id);

  CodedUnits coding_;
  std::map<uint32_t, Unit> units_;  // by kind and number, in the order in which they rest on each other
  Unit extradata_;                  // empty: the container's first
  Unit palette_;
  Colour former_;
  bool used_ = false;  // a picture was decoded with what is in force
};

}  // namespace fp::av
