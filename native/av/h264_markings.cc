#include "h264_markings.h"

namespace fp::av {

namespace {

enum class Kind : uint8_t { kForward = 0, kBetween = 1, kIntra = 2, kSwitching = 3, kSwitchingIntra = 4 };

/// More is no stream.
constexpr uint32_t kMostReferences = 32;
constexpr int kMostOperations = 66;

/// ref_pic_list_modification of one list (7.3.3.1).
void skip_list(BitReader& bits) {
  constexpr uint32_t kEnd = 3;
  if (bits.bit() == 0) return;
  for (uint32_t i = 0; i <= kMostReferences && !bits.overrun() && bits.golomb() != kEnd; i++) bits.golomb();
}

/// pred_weight_table (7.3.3.2) of one list.
void skip_weights(BitReader& bits, uint32_t references, bool has_chroma) {
  for (uint32_t i = 0; i < references && !bits.overrun(); i++) {
    const int luma = bits.bit() != 0 ? 2 : 0;
    for (int number = 0; number < luma; number++) bits.golomb();
    const int chroma = has_chroma && bits.bit() != 0 ? 4 : 0;
    for (int number = 0; number < chroma; number++) bits.golomb();
  }
}

/// What stands between a slice's place in the order of output and what it says of pictures that are kept (7.3.3).
void skip_references(BitReader& bits, Kind kind, const H264Sps& sequence, const H264Pps& pictures) {
  const bool between = kind == Kind::kBetween;
  const bool forward = kind == Kind::kForward || kind == Kind::kSwitching;
  if (between) bits.bit();
  if (!between && !forward) return;
  uint32_t references[2] = {pictures.references[0], pictures.references[1]};
  if (bits.bit() != 0) {
    references[0] = bits.golomb() + 1;
    if (between) references[1] = bits.golomb() + 1;
  }
  if (references[0] > kMostReferences || references[1] > kMostReferences) references[0] = references[1] = 0;
  skip_list(bits);
  if (between) skip_list(bits);
  if (!(between ? pictures.weighs_between : pictures.weighs)) return;
  const bool has_chroma = sequence.chroma_kind != 0 && !sequence.separate_planes;
  bits.golomb();
  if (has_chroma) bits.golomb();
  skip_weights(bits, references[0], has_chroma);
  if (between) skip_weights(bits, references[1], has_chroma);
}

}  // namespace

void H264Markings::use(const StreamHeaders& headers) {
  sequence_ = headers.h264_sequence();
  pictures_.clear();
  for (const Span unit : headers.h264_pictures()) {
    H264Pps pps{};
    if (parse_h264_pps(unit, pps)) pictures_[pps.id] = pps;
  }
}

std::optional<H264Marking> H264Markings::of(const H264Slice& slice, BitReader bits) const {
  if (!slice.reference) return std::nullopt;
  const auto found = pictures_.find(slice.pictures);
  if (found == pictures_.end()) return std::nullopt;
  const H264Pps& pps = found->second;
  const bool both = pps.orders_fields && !slice.field;
  if (sequence_->order_kind == 0 && both) bits.golomb();
  if (sequence_->order_kind == 1 && !sequence_->order_is_fixed) {
    bits.golomb();
    if (both) bits.golomb();
  }
  if (pps.has_redundant) bits.golomb();
  skip_references(bits, static_cast<Kind>(slice.kind), *sequence_, pps);
  H264Marking marking;
  if (slice.idr) {
    bits.bit();
    marking.forgets = true;
    marking.keeps = bits.bit() != 0;
  } else if (bits.bit() != 0) {
    for (int i = 0; i < kMostOperations && !bits.overrun(); i++) {
      const uint32_t operation = bits.golomb();
      if (operation == 0) break;
      const uint32_t number = operation == 5 ? 0 : bits.golomb();
      if (operation == 3) bits.golomb();
      if (operation == 3 || operation == 6) marking.keeps = true;
      // Of those that end one by one none is taken to be the last.
      const bool ends_all = operation == 5 || (operation == 4 && number == 0);
      if (ends_all) marking = {true, false, marking.restarts || operation == 5};
    }
  }
  if (bits.overrun()) return std::nullopt;
  return marking;
}

}  // namespace fp::av
