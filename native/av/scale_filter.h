// Which samples of a line swscale weighs, and how, when it makes a line shorter bilinearly.
#pragma once

#include <cstdint>
#include <vector>

namespace fp::av {

/// Sample i of the result is made of `taps` samples of the source from `position[i]` on, all of them inside it.
struct ScaleFilter {
  int taps = 0;
  std::vector<int32_t> position;
  std::vector<int16_t> weight;  ///< `taps` for each; together about `one`
};

/// The weights of SWS_BILINEAR, in swscale's own arithmetic, since its pixels are the measure. From `source` samples to
/// fewer; `phase_source` and `phase_target` are where the first sample lies, in 1/128 of one; `padded` says how
/// many taps there are to be when so many are needed: the others are zeros.
ScaleFilter bilinear_filter(int source, int target, int phase_source, int phase_target, int one, int (*padded)(int));

}  // namespace fp::av
