#include "picture_order.h"

namespace fp::av {

namespace {

/// Sequences one behind the other, counts of either sign in each.
int64_t place_in(int64_t sequence, int32_t count) { return sequence * (int64_t{1} << 33) + count; }

}  // namespace

PictureOrder::PictureOrder(const AVCodecParameters& parameters) : units_(parameters), pictures_(parameters) {
  const StreamHeaders headers(parameters);
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
  const bool begins = units_.type_of(unit) == h264_unit::kIdr;
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

PictureOrder::Place PictureOrder::place_hevc(const HevcPictures::Picture& picture) {
  Place place;
  const int type = picture.type;
  const bool random_access = type >= hevc_unit::kFirstRandomAccess && type <= hevc_unit::kLastRandomAccess;
  const bool idr = type >= hevc_unit::kFirstIdr && type <= hevc_unit::kLastIdr;
  const bool begins = random_access && (picture.begins || type != hevc_unit::kCleanRandomAccess);
  // Where a sequence begins with no picture that has all others forgotten, what leads that is passed over, and what
  // was still to come out may be too.
  if (begins && !idr && sequence_ > 0) place.certain = false;
  if (begins) sequence_++;
  HevcSlice slice{};
  if (!hevc_ || !read_hevc_slice(picture.slice, type, *hevc_, slice)) return place;
  if (slice.drops_former && begins && sequence_ > 1) place.certain = false;
  if (!slice.shown) place.certain = false;
  const bool sub_layer = (picture.slice.data[1] & 7) > 1;
  const bool leads = type >= hevc_unit::kRadl && type <= hevc_unit::kRasl + 1;
  const bool unreferenced = type < hevc_unit::kFirstRandomAccess && type % 2 == 0;
  const bool counts = !sub_layer && !leads && !unreferenced;
  const auto order_bits = static_cast<int>(hevc_->order_bits);
  place.order = place_in(sequence_, count_on(slice.order, order_bits, begins, counts));
  return place;
}

PictureOrder::Place PictureOrder::next(Span packet, const StreamHeaders& headers, bool changed) {
  Place place;
  if (changed) {
    h264_ = headers.h264_sequence();
    hevc_ = headers.hevc_order();
  }
  if (units_.is_h264()) {
    units_.each(packet, [&](int type, Span rest) {
      const bool has_header = type == h264_unit::kSlice || type == h264_unit::kPartitionA || type == h264_unit::kIdr;
      if (has_header) place.order = place_h264(rest);
      return !units_.is_slice(type);
    });
  } else {
    const HevcPictures::Picture picture = pictures_.next(packet);
    if (picture.type >= 0) place = place_hevc(picture);
  }
  return place;
}

}  // namespace fp::av
