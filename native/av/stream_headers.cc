#include "stream_headers.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "bit_reader.h"
#include "error.h"
#include "handles.h"

namespace fp::av {

namespace {

constexpr uint32_t kNotAHeader = 0;

uint32_t make_id(uint32_t kind, uint32_t number) { return kind << 16 | (number & 0xffffU); }
uint32_t kind_of(uint32_t id) { return id >> 16; }

/// ISO/IEC 13818-2, 6.2.2.3: chroma_format of a sequence extension, 0 of none.
int mpeg_chroma(Span extension) { return extension.size > 2 ? extension.data[2] >> 1 & 3 : 0; }

/// H.265 7.3.2.2.1, up to sps_seq_parameter_set_id.
uint32_t hevc_sequence_number(BitReader& bits) {
  bits.bits(4);
  const uint32_t layers = bits.bits(3);
  bits.bit();
  for (int i = 0; i < 3; i++) bits.bits(32);
  uint32_t present[8] = {};
  for (uint32_t i = 0; layers > 0 && i < 8; i++) present[i] = bits.bits(2);
  for (uint32_t i = 0; i < layers; i++) {
    if ((present[i] & 2U) != 0) {
      for (int part = 0; part < 11; part++) bits.bits(8);
    }
    if ((present[i] & 1U) != 0) bits.bits(8);
  }
  return bits.golomb();
}

/// H.265 7.3.2.2.1, up to log2_max_pic_order_cnt_lsb_minus4.
bool read_hevc_sequence(const std::vector<uint8_t>& unit, HevcOrder& order) {
  if (unit.size() <= 2) return false;
  BitReader bits(unit.data() + 2, unit.size() - 2, true);
  hevc_sequence_number(bits);
  if (bits.golomb() == 3) order.separate_planes = bits.bit() != 0;
  for (int i = 0; i < 2; i++) bits.golomb();
  for (int i = bits.bit() != 0 ? 4 : 0; i > 0; i--) bits.golomb();
  for (int i = 0; i < 2; i++) bits.golomb();
  order.order_bits = bits.golomb() + 4;
  return !bits.overrun() && order.order_bits <= 16;
}

/// H.265 7.3.2.3.1, up to num_extra_slice_header_bits.
bool read_hevc_pictures(const std::vector<uint8_t>& unit, HevcOrder& order) {
  if (unit.size() <= 2) return false;
  BitReader bits(unit.data() + 2, unit.size() - 2, true);
  for (int i = 0; i < 2; i++) bits.golomb();
  bits.bit();
  order.states_output = bits.bit() != 0;
  order.extra_bits = bits.bits(3);
  return !bits.overrun();
}

/// The number of the header that a header refers to: a picture parameter set's sequence, an HEVC sequence's video set.
uint32_t parent_of(uint32_t id, const std::vector<uint8_t>& unit) {
  const bool hevc = kind_of(id) >= 32;
  const size_t header = hevc ? 2 : 1;
  if (unit.size() <= header) return UINT32_MAX;
  BitReader bits(unit.data() + header, unit.size() - header, true);
  if (kind_of(id) == 33) return bits.bits(4);
  bits.golomb();
  return bits.golomb();
}

}  // namespace

Span new_extradata_of(const AVPacket& packet) {
  size_t size = 0;
  const uint8_t* data = side_data_of(packet, AV_PKT_DATA_NEW_EXTRADATA, size);
  return Span{data, data == nullptr ? 0 : size};
}

StreamHeaders::StreamHeaders(const AVCodecParameters& parameters) : coding_(parameters) {
  if (parameters.extradata_size > 0)
    replace(Span{parameters.extradata, static_cast<size_t>(parameters.extradata_size)});
  extradata_.clear();
}

/// What tells a header from others of the stream, kNotAHeader for anything else. `unit` begins with its type.
uint32_t StreamHeaders::id_of(Span unit) const {
  const int type = coding_.type_of(unit);
  const auto kind = static_cast<uint32_t>(type);
  switch (syntax()) {
    case Syntax::kH264: {
      if (type != h264_unit::kSequence && type != h264_unit::kPictures) return kNotAHeader;
      const size_t before = type == h264_unit::kSequence ? 4 : 1;
      if (unit.size <= before) return kNotAHeader;
      BitReader bits(unit.data + before, unit.size - before, true);
      return make_id(kind, bits.golomb());
    }
    case Syntax::kHevc: {
      if (type < hevc_unit::kVideo || type > hevc_unit::kPictures || unit.size <= 2) return kNotAHeader;
      BitReader bits(unit.data + 2, unit.size - 2, true);
      if (type == hevc_unit::kVideo) return make_id(kind, bits.bits(4));
      return make_id(kind, type == hevc_unit::kSequence ? hevc_sequence_number(bits) : bits.golomb());
    }
    case Syntax::kMpeg12:
      if (unit.data[0] == 0xb3) return make_id(0xb3, 0);
      // Sequence, sequence display and quantiser matrix extensions.
      if (unit.data[0] == 0xb5 && unit.size > 1 && unit.data[1] >> 4 >= 1 && unit.data[1] >> 4 <= 3) {
        return make_id(0xb5, unit.data[1] >> 4U);
      }
      return kNotAHeader;
    case Syntax::kMpeg4:
      // Video object layers, and the user data by which decoders know encoders whose faults they make up for.
      return (unit.data[0] & 0xf0) == 0x20 || unit.data[0] == 0xb2 ? make_id(unit.data[0], 0) : kNotAHeader;
    default:
      return kNotAHeader;
  }
}

/// Calls `visit(id, unit)` with each header ahead of the picture. True: it got as far as the picture.
template <typename Visit>
bool StreamHeaders::visit(Span packet, Visit visit) const {
  if (!may_change()) return true;
  return coding_.each_ahead(packet, [&](int, Span unit) {
    const uint32_t id = id_of(unit);
    if (id != kNotAHeader) visit(id, unit);
    return true;
  });
}

/// As libavcodec: what rests on a header goes when another takes its place.
void StreamHeaders::drop_dependents(uint32_t id) {
  const uint32_t kind = kind_of(id);
  const uint32_t number = id & 0xffffU;
  if (kind == 0xb3) {
    units_.clear();
    return;
  }
  if (kind != 7 && kind != 32 && kind != 33) return;
  for (auto unit = units_.lower_bound(make_id(kind + 1, 0)); unit != units_.end();) {
    if (kind_of(unit->first) != kind + 1 || parent_of(unit->first, unit->second) != number) {
      ++unit;
      continue;
    }
    const uint32_t dependent = unit->first;
    unit = units_.erase(unit);
    if (kind == 32) {
      drop_dependents(dependent);
      unit = units_.upper_bound(dependent);
    }
  }
}

Colour StreamHeaders::colour_so_far() const {
  Colour colour = former_;
  if (!used_ || syntax() != Syntax::kH264) return colour;
  for (auto unit = units_.lower_bound(make_id(7, 0)); unit != units_.lower_bound(make_id(8, 0)); ++unit) {
    H264Sps sps{};
    if (!parse_h264_sps(Span{unit->second.data(), unit->second.size()}, sps)) continue;
    if (sps.range != AVCOL_RANGE_UNSPECIFIED) colour.range = sps.range;
    const Colour described{sps.space, colour.range, sps.primaries, sps.transfer};
    if (described != Colour{AVCOL_SPC_UNSPECIFIED, colour.range}) colour = described;
  }
  return colour;
}

bool StreamHeaders::take(Span unit) {
  const uint32_t id = id_of(unit);
  if (id == kNotAHeader) return false;
  unit = without_zeros(unit);
  const auto known = units_.find(id);
  if (known != units_.end() && known->second.size() == unit.size &&
      std::memcmp(known->second.data(), unit.data, unit.size) == 0) {
    return false;
  }
  if (syntax() == Syntax::kH264 && kind_of(id) == 7) {
    former_ = colour_so_far();
    used_ = false;
  }
  drop_dependents(id);
  units_[id].assign(unit.data, unit.data + unit.size);
  return true;
}

bool StreamHeaders::see(Span packet) {
  bool changed = false;
  visit(packet, [&](uint32_t, Span unit) { changed = take(unit) || changed; });
  return changed;
}

bool StreamHeaders::replace(Span extradata) {
  if (syntax() == Syntax::kNone) return false;
  bool changed =
      extradata_.size() != extradata.size || !std::equal(extradata_.begin(), extradata_.end(), extradata.data);
  extradata_.assign(extradata.data, extradata.data + extradata.size);
  coding_.use_header(extradata);
  coding_.each_of_header(extradata, [&](int, Span unit) {
    changed = take(unit) || changed;
    return true;
  });
  return changed;
}

bool StreamHeaders::set_palette(const uint8_t* palette) {
  if (!palette_.empty() && std::equal(palette_.begin(), palette_.end(), palette)) return false;
  palette_.assign(palette, palette + AVPALETTE_SIZE);
  return true;
}

bool StreamHeaders::see(const AVPacket& packet) {
  const Span extradata = new_extradata_of(packet);
  const uint8_t* palette = palette_of(packet);
  bool changed = extradata.size > 0 && replace(extradata);
  changed = (palette != nullptr && set_palette(palette)) || changed;
  return see(span_of(packet)) || changed;
}

bool StreamHeaders::carried_by(Span packet, bool& whole) const {
  bool any = false;
  whole = visit(packet, [&](uint32_t, Span) { any = true; });
  return any;
}

bool StreamHeaders::replaced_by(Span packet) const {
  std::set<uint32_t> sent;
  visit(packet, [&](uint32_t id, Span) { sent.insert(id); });
  // Pictures need a sequence, and one set of a picture at least.
  const size_t least = syntax() == Syntax::kH264 ? 2 : syntax() == Syntax::kHevc ? 3 : 1;
  const auto again = [&](const auto& unit) { return sent.count(unit.first) != 0; };
  return sent.size() >= least && std::all_of(units_.begin(), units_.end(), again);
}

bool StreamHeaders::changes_format(Span packet) const {
  if (syntax() != Syntax::kMpeg12) return false;
  const uint32_t extension = make_id(0xb5, 1);
  const auto held = units_.find(extension);
  if (held == units_.end()) return false;
  bool changes = false;
  visit(packet, [&](uint32_t id, Span unit) {
    if (id == extension) changes = mpeg_chroma(unit) != mpeg_chroma(Span{held->second.data(), held->second.size()});
  });
  return changes;
}

bool StreamHeaders::leaves_colour_open(Span packet) const {
  if (syntax() != Syntax::kH264) return false;
  bool open = false;
  visit(packet, [&](uint32_t id, Span unit) {
    if (kind_of(id) != 7) return;
    H264Sps sps{};
    const bool read = parse_h264_sps(unit, sps);
    open = !read || sps.range == AVCOL_RANGE_UNSPECIFIED || sps.space == AVCOL_SPC_UNSPECIFIED;
  });
  return open;
}

size_t StreamHeaders::end_of_headers(Span packet) const {
  size_t end = 0;
  visit(packet, [&](uint32_t, Span unit) { end = static_cast<size_t>(unit.data - packet.data) + unit.size; });
  return end;
}

int StreamHeaders::highest_layer() const {
  int highest = -1;
  if (syntax() != Syntax::kHevc) return highest;
  for (auto unit = units_.lower_bound(make_id(33, 0)); unit != units_.lower_bound(make_id(34, 0)); ++unit) {
    if (unit->second.size() > 2) highest = std::max(highest, unit->second[2] >> 1 & 7);
  }
  return highest;
}

std::optional<H264Sps> StreamHeaders::h264_sequence() const {
  if (syntax() != Syntax::kH264) return std::nullopt;
  std::optional<H264Sps> found;
  for (auto unit = units_.lower_bound(make_id(7, 0)); unit != units_.lower_bound(make_id(8, 0)); ++unit) {
    H264Sps sps{};
    if (!parse_h264_sps(Span{unit->second.data(), unit->second.size()}, sps)) return std::nullopt;
    const bool alike =
        !found || (found->frame_num_bits == sps.frame_num_bits && found->separate_planes == sps.separate_planes &&
                   found->allows_gaps == sps.allows_gaps && found->frames_only == sps.frames_only &&
                   found->order_kind == sps.order_kind && found->order_bits == sps.order_bits &&
                   found->order_is_fixed == sps.order_is_fixed && found->chroma_kind == sps.chroma_kind);
    if (!alike) return std::nullopt;
    found = sps;
  }
  return found;
}

std::vector<Span> StreamHeaders::h264_pictures() const {
  std::vector<Span> found;
  if (syntax() != Syntax::kH264) return found;
  for (auto unit = units_.lower_bound(make_id(8, 0)); unit != units_.lower_bound(make_id(9, 0)); ++unit) {
    found.push_back({unit->second.data(), unit->second.size()});
  }
  return found;
}

std::optional<HevcOrder> StreamHeaders::hevc_order() const {
  if (syntax() != Syntax::kHevc) return std::nullopt;
  std::optional<HevcOrder> found;
  bool alike = true;
  for (auto unit = units_.lower_bound(make_id(33, 0)); unit != units_.lower_bound(make_id(34, 0)); ++unit) {
    HevcOrder order{};
    if (!read_hevc_sequence(unit->second, order)) return std::nullopt;
    alike =
        alike && (!found || (found->order_bits == order.order_bits && found->separate_planes == order.separate_planes));
    found = order;
  }
  bool first = true;
  for (auto unit = units_.lower_bound(make_id(34, 0)); found && unit != units_.lower_bound(make_id(35, 0)); ++unit) {
    HevcOrder order = *found;
    if (!read_hevc_pictures(unit->second, order)) return std::nullopt;
    alike = alike && (first || (found->extra_bits == order.extra_bits && found->states_output == order.states_output));
    first = false;
    found = order;
  }
  return alike && !first ? found : std::nullopt;
}

void StreamHeaders::put_before(AVPacket& packet) const {
  if (!extradata_.empty() && new_extradata_of(packet).size == 0) {
    uint8_t* copy = add_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, extradata_.size());
    if (copy == nullptr) throw Error("E_LIMIT", "out of memory");
    std::copy(extradata_.begin(), extradata_.end(), copy);
  }
  if (units_.empty()) return;
  std::vector<uint8_t> bytes;
  for (const auto& [id, unit] : units_) {
    if (coding_.length_size() > 0) {
      for (int i = coding_.length_size() - 1; i >= 0; i--)
        bytes.push_back(static_cast<uint8_t>(unit.size() >> (8 * i)));
    } else {
      bytes.insert(bytes.end(), {0, 0, 1});
    }
    bytes.insert(bytes.end(), unit.begin(), unit.end());
  }
  fp::av::put_before(packet, bytes);
}

void StreamHeaders::put_own_within(AVPacket& packet) const {
  const Span extradata = new_extradata_of(packet);
  if (extradata.size == 0 || (syntax() != Syntax::kMpeg12 && syntax() != Syntax::kMpeg4)) return;
  fp::av::put_before(packet, {extradata.data, extradata.data + extradata.size});
}

}  // namespace fp::av
