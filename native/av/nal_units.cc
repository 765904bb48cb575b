#include "nal_units.h"

namespace fp::av {

H264Header h264_header(Span extradata) {
  constexpr int kSequenceParameterSet = 7;
  H264Header header;
  const auto keep = [&](Span unit) {
    if ((unit.data[0] & 0x1f) == kSequenceParameterSet) header.sequences.push_back(unit);
    return true;
  };
  if (extradata.size >= 7 && extradata.data[0] == 1) header.length_size = (extradata.data[4] & 3) + 1;
  for_each_parameter_set(extradata, false, keep);
  return header;
}

int hevc_length_size(Span extradata) {
  return extradata.size >= 23 && extradata.data[0] == 1 ? (extradata.data[21] & 3) + 1 : 0;
}

}  // namespace fp::av
