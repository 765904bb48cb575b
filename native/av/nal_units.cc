#include "nal_units.h"

namespace fp::av {

H264Header h264_header(Span extradata) {
  constexpr int kSequenceParameterSet = 7;
  H264Header header;
  const auto keep = [&](Span unit) {
    if ((unit.data[0] & 0x1f) == kSequenceParameterSet) header.sequences.push_back(unit);
    return true;
  };
  if (extradata.size < 7 || extradata.data[0] != 1) {
    for_each_annexb_nal(extradata, keep);
    return header;
  }
  header.length_size = (extradata.data[4] & 3) + 1;
  const int count = extradata.data[5] & 0x1f;
  size_t at = 6;
  for (int i = 0; i < count && at + 2 <= extradata.size; i++) {
    const size_t size = static_cast<size_t>(extradata.data[at]) << 8 | extradata.data[at + 1];
    at += 2;
    if (size == 0 || size > extradata.size - at) break;
    keep(Span{extradata.data + at, size});
    at += size;
  }
  return header;
}

int hevc_length_size(Span extradata) {
  return extradata.size >= 23 && extradata.data[0] == 1 ? (extradata.data[21] & 3) + 1 : 0;
}

}  // namespace fp::av
