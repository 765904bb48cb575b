// Pictures of high dynamic range (PQ, HLG) as those of standard range: ITU-R BT.2390's curve, then BT.709.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ffmpeg.h"
#include "pixel_view.h"

namespace fp::av {

/// A function of positive numbers by their leading bits: right to 1/2048 of the argument.
class FloatTable {
 public:
  template <typename Function>
  void fill(Function function) {
    values_.resize(kEntries);
    for (uint32_t i = 0; i < kEntries; i++) values_[i] = static_cast<float>(function(argument(i)));
  }
  float operator()(float value) const;

 private:
  static constexpr int kDropped = 13;  // bits of 23 behind the point
  static constexpr uint32_t kLeast = (127U - 30) << 23;
  static constexpr uint32_t kEntries = 36U << (23 - kDropped);  // 2^-30 to 2^6
  /// The middle of what an entry stands for.
  static double argument(uint32_t entry);

  std::vector<float> values_;
};

/// Keeps its tables between pictures. One thread.
class ToneMapper {
 public:
  struct Source {
    int transfer;   ///< AVColorTransferCharacteristic
    int primaries;  ///< AVColorPrimaries
    double peak;    ///< candela per square metre of its brightest pixel
  };

  static bool is_high_range(const AVFrame& frame);

  /// Of interleaved 16-bit pixels with 3 or 4 channels. Writes rows of `to`, whose data is `memory`: of the same size
  /// and of as many channels or one, grey.
  void map(const PixelView& from, const Source& source, const PixelView& to, uint8_t* memory);

 private:
  void prepare(const Source& source);
  std::array<float, 3> mapped(const uint16_t* pixel) const;

  Source made_{-1, -1, 0};
  std::vector<float> linear_;  ///< by the signal's leading bits: light; of HLG the scene's, of PQ the display's
  FloatTable system_;          ///< HLG: what the scene's luminance is multiplied by on the display
  FloatTable gain_;            ///< what the brightest of the three is multiplied by
  FloatTable signal_;          ///< 0 to 65535 of BT.709
  std::array<float, 9> matrix_{};
};

}  // namespace fp::av
