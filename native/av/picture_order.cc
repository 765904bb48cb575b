#include "picture_order.h"

#include "bit_reader.h"
#include "h264_slice.h"

namespace fp::av {

namespace {

// H.265, table 7-1.
constexpr int kFirstRandomAccess = 16;
constexpr int kFirstIdr = 19;
constexpr int kLastIdr = 20;
constexpr int kCleanRandomAccess = 21;
constexpr int kLastRandomAccess = 23;
constexpr int kFirstOther = 32;
constexpr int kEndOfSequence = 36;
constexpr int kEndOfStream = 37;

/// Sequences one behind the other, counts of either sign in each.
int64_t place_in(int64_t sequence, int32_t count) { return sequence * (int64_t{1} << 33) + count; }

}  // namespace

PictureOrder::PictureOrder(const AVCodecParameters& parameters) : codec_(parameters.codec_id), pictures_(parameters) {
  const StreamHeaders headers(parameters);
  const Span header{parameters.extradata, static_cast<size_t>(parameters.extradata_size)};
  if (codec_ == AV_CODEC_ID_H264) length_size_ = h264_header(header).length_size;
  if (codec_ == AV_CODEC_ID_HEVC) length_size_ = hevc_length_size(header);
  h264_ = headers.h264_sequence();
  hevc_ = headers.hevc_order();
}

/// The whole count of which a picture tells the low `bits`; `counts`: the next one's goes on from it.
int32_t PictureOrder::count_on(uint32_t low, int bits, bool restarts, bool counts) {
  const auto size = static_cast<int64_t>(uint64_t{1} << bits);
  const int64_t last = restarts ? 0 : last_count_;
  int64_t high = last & ~(size - 1);
  if (restarts) {
    high = 0;
  } else if (low < (last & (size - 1)) && (last & (size - 1)) - low >= size / 2) {
    high += size;
  } else if (low > (last & (size - 1)) && low - (last & (size - 1)) > size / 2) {
    high -= size;
  }
  const auto count = static_cast<int32_t>(high + low);
  if (counts) last_count_ = count;
  return count;
}

std::optional<int64_t> PictureOrder::place_h264(Span unit) {
  constexpr uint32_t kByDecoding = 2;
  const bool begins = (unit.data[0] & 0x1f) == 5;
  if (begins) {
    sequence_++;
    decoded_ = 0;
  }
  if (!h264_ || unit.size < 2) return std::nullopt;
  if (h264_->order_kind == kByDecoding) return place_in(sequence_, decoded_++);
  if (h264_->order_kind != 0) return std::nullopt;
  H264Slice slice{};
  if (!read_h264_slice(unit, *h264_, slice)) return std::nullopt;
  const auto order_bits = static_cast<int>(h264_->order_bits);
  return place_in(sequence_, count_on(slice.order, order_bits, begins, slice.reference));
}

PictureOrder::Place PictureOrder::place_hevc(Span unit, bool begins) {
  Place place;
  const int type = unit.data[0] >> 1 & 0x3f;
  const bool random_access = type >= kFirstRandomAccess && type <= kLastRandomAccess;
  const bool idr = type >= kFirstIdr && type <= kLastIdr;
  begins = random_access && (begins || type != kCleanRandomAccess);
  // Where a sequence begins with no picture that has all others forgotten, what leads that is passed over, and what
  // was still to come out may be too.
  if (begins && !idr && sequence_ > 0) place.certain = false;
  if (begins) sequence_++;
  if (!hevc_ || unit.size < 4) return place;
  BitReader bits(unit.data + 2, unit.size - 2, true);
  bits.bit();
  if (random_access && bits.bit() != 0 && begins && sequence_ > 1) place.certain = false;
  bits.golomb();
  bits.bits(static_cast<int>(hevc_->extra_bits));
  bits.golomb();
  if (hevc_->states_output && bits.bit() == 0) place.certain = false;
  if (hevc_->separate_planes) bits.bits(2);
  const auto order_bits = static_cast<int>(hevc_->order_bits);
  const uint32_t low = idr ? 0 : bits.bits(order_bits);
  if (bits.overrun()) return place;
  const bool sub_layer = (unit.data[1] & 7) > 1;
  const bool leads = type >= 6 && type <= 9;
  const bool unreferenced = type < 16 && type % 2 == 0;
  place.order = place_in(sequence_, count_on(low, order_bits, begins, !sub_layer && !leads && !unreferenced));
  return place;
}

PictureOrder::Place PictureOrder::next(Span packet, const StreamHeaders& headers, bool changed) {
  Place place;
  if (changed) {
    h264_ = headers.h264_sequence();
    hevc_ = headers.hevc_order();
  }
  if (codec_ == AV_CODEC_ID_H264) {
    for_each_nal_begin(packet, length_size_, [&](Span unit) {
      const int type = unit.data[0] & 0x1f;
      if (type == 1 || type == 2 || type == 5) place.order = place_h264(unit);
      return type == 0 || type > 5;
    });
  } else if (codec_ == AV_CODEC_ID_HEVC) {
    bool begins = pictures_.at_begin();
    for_each_nal_begin(packet, length_size_, [&](Span unit) {
      const int type = unit.data[0] >> 1 & 0x3f;
      if (type == kEndOfSequence || type == kEndOfStream) begins = true;
      const bool base = unit.size > 1 && (unit.data[0] & 1) == 0 && unit.data[1] >> 3 == 0;
      if (type < kFirstOther && base) place = place_hevc(unit, begins);
      return type >= kFirstOther || !base;
    });
    pictures_.decodes(packet);
  }
  return place;
}

}  // namespace fp::av
