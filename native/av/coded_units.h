// The units that packets of H.264, HEVC, MPEG-1, MPEG-2 and MPEG-4 consist of: NAL units, behind start codes or behind
// their lengths (avcC, hvcC), and what else begins with a start code. The one place that walks over them.
#pragma once

#include "ffmpeg.h"
#include "span.h"

namespace fp::av {

/// Types of H.264's (ITU-T H.264, table 7-1).
namespace h264_unit {
constexpr int kSlice = 1;
constexpr int kPartitionA = 2;  // has the slice's header; B and C, 3 and 4, have none
constexpr int kIdr = 5;
constexpr int kMessages = 6;
constexpr int kSequence = 7;
constexpr int kPictures = 8;
}  // namespace h264_unit

/// And HEVC's (ITU-T H.265, table 7-1).
namespace hevc_unit {
constexpr int kRadl = 6;  // two each: for reference in their sub-layer or not
constexpr int kRasl = 8;
constexpr int kFirstRandomAccess = 16;
constexpr int kFirstIdr = 19;
constexpr int kLastIdr = 20;
constexpr int kCleanRandomAccess = 21;
constexpr int kLastRandomAccess = 23;
constexpr int kVideo = 32;
constexpr int kSequence = 33;
constexpr int kPictures = 34;
constexpr int kDelimiter = 35;
constexpr int kEndOfSequence = 36;
constexpr int kEndOfStream = 37;
constexpr int kFiller = 38;
constexpr int kMessages = 39;
constexpr int kMessagesBehind = 40;
}  // namespace hevc_unit

/// A unit but for the zeros behind it, which belong to the next start code.
Span without_zeros(Span unit);

class CodedUnits {
 public:
  enum class Syntax : uint8_t { kNone, kH264, kHevc, kMpeg12, kMpeg4 };

  /// Of another codec: its packets are not told apart in units.
  CodedUnits() = default;
  explicit CodedUnits(const AVCodecParameters& parameters);
  /// Of the stream from here on.
  void use_header(Span extradata);

  Syntax syntax() const { return syntax_; }
  bool is_h264() const { return syntax_ == Syntax::kH264; }
  bool is_hevc() const { return syntax_ == Syntax::kHevc; }
  /// Of the prefix that tells how long a unit is, 0: start codes.
  int length_size() const { return length_size_; }

  /// nal_unit_type, or the start code's own byte. `unit` is not empty.
  int type_of(Span unit) const {
    return is_h264() ? unit.data[0] & 0x1f : is_hevc() ? unit.data[0] >> 1 & 0x3f : unit.data[0];
  }
  /// A coded slice: what headers come ahead of.
  bool is_slice(int type) const;
  /// What stands behind a NAL unit's header of one or two bytes.
  Span payload_of(Span unit) const {
    const size_t header = is_hevc() ? 2 : 1;
    return unit.size > header ? Span{unit.data + header, unit.size - header} : Span{};
  }

  /// Calls `visit(type, rest)` where each unit of a packet begins, until it returns false. `rest`, never empty, is the
  /// unit with its header and, behind start codes, all that follows it: looking for its end would mean reading it.
  template <typename Visit>
  void each(Span packet, Visit visit) const {
    if (length_size_ > 0) {
      each_prefixed(packet, visit);
    } else {
      each_start_code(packet, visit);
    }
  }

  /// The unit with which `rest` begins.
  Span whole(Span rest) const;

  /// `each` for whole units ahead of the first slice. True: it was reached; `visit` sees what `each` shows it.
  template <typename Visit>
  bool each_ahead(Span packet, Visit visit) const {
    bool reached = false;
    each(packet, [&](int type, Span rest) {
      reached = is_slice(type);
      return !reached && visit(type, whole(rest));
    });
    return reached;
  }

  /// `each` for the whole units of a header out of band: avcC (ISO/IEC 14496-15, 5.3.3.1.2), hvcC (8.3.3.1.2) or start
  /// codes.
  template <typename Visit>
  void each_of_header(Span extradata, Visit visit) const {
    if (length_size_ == 0) {
      each_start_code(extradata, [&](int type, Span rest) { return visit(type, whole(rest)); });
      return;
    }
    size_t at = is_hevc() ? 22 : 5;
    const auto byte = [&] { return at < extradata.size ? extradata.data[at++] : 0; };
    const auto units = [&](size_t count) {
      for (; count > 0; count--) {
        const size_t high = byte();
        const size_t size = high << 8 | byte();
        if (size == 0 || at >= extradata.size || size > extradata.size - at) return false;
        const Span unit{extradata.data + at, size};
        if (!visit(type_of(unit), unit)) return false;
        at += size;
      }
      return true;
    };
    if (is_h264()) {
      if (units(byte() & 0x1f)) units(byte());
      return;
    }
    for (int arrays = byte(); arrays > 0; arrays--) {
      byte();
      const size_t high = byte();
      if (!units(high << 8 | byte())) return;
    }
  }

 private:
  template <typename Visit>
  void each_start_code(Span buffer, Visit visit) const {
    for (size_t i = 0; i + 3 < buffer.size;) {
      const uint8_t* at = buffer.data + i;
      if (at[2] > 1) {
        i += 3;
      } else if (at[0] != 0 || at[1] != 0 || at[2] != 1) {
        i++;
      } else {
        i += kStartCode;
        const Span rest{buffer.data + i, buffer.size - i};
        const bool empty = rest.size >= kStartCode && at[3] == 0 && at[4] == 0 && at[5] == 1;
        if (!empty && !visit(type_of(rest), rest)) return;
      }
    }
  }

  template <typename Visit>
  void each_prefixed(Span buffer, Visit visit) const {
    const auto prefix = static_cast<size_t>(length_size_);
    for (size_t at = 0; at + prefix < buffer.size;) {
      size_t size = 0;
      for (size_t i = 0; i < prefix; i++) size = size << 8 | buffer.data[at++];
      if (size > buffer.size - at) return;
      const Span unit{buffer.data + at, size};
      if (size > 0 && !visit(type_of(unit), unit)) return;
      at += size;
    }
  }

  static constexpr size_t kStartCode = 3;

  Syntax syntax_ = Syntax::kNone;
  int length_size_ = 0;
};

}  // namespace fp::av
