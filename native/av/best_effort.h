// libavcodec's best-effort timestamp (guess_correct_pts in libavcodec/decode.c), on timestamps looked up by ordinal.
#pragma once

#include <cstdint>

#include "ffmpeg.h"

namespace fp::av {

class BestEffort {
 public:
  int64_t next(int64_t pts, int64_t dts) {
    if (dts != AV_NOPTS_VALUE) {
      faulty_dts_ += dts <= last_dts_ ? 1 : 0;
      last_dts_ = dts;
    } else if (pts != AV_NOPTS_VALUE) {
      last_dts_ = pts;
    }
    if (pts != AV_NOPTS_VALUE) {
      faulty_pts_ += pts <= last_pts_ ? 1 : 0;
      last_pts_ = pts;
    } else if (dts != AV_NOPTS_VALUE) {
      last_pts_ = dts;
    }
    if ((faulty_pts_ <= faulty_dts_ || dts == AV_NOPTS_VALUE) && pts != AV_NOPTS_VALUE) return pts;
    return dts;
  }

 private:
  int64_t faulty_pts_ = 0;
  int64_t faulty_dts_ = 0;
  int64_t last_pts_ = INT64_MIN;
  int64_t last_dts_ = INT64_MIN;
};

}  // namespace fp::av
