#include "tone_map.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fp::av {

namespace {

/// ITU-R BT.2408: what white is in pictures of high range, in candela per square metre. It becomes the white of BT.709.
constexpr double kWhite = 203;
constexpr int kSignalBits = 14;

/// SMPTE ST 2084: from the signal to candela per square metre, and back.
constexpr double kM1 = 2610.0 / 16384;
constexpr double kM2 = 2523.0 / 4096 * 128;
constexpr double kC1 = 3424.0 / 4096;
constexpr double kC2 = 2413.0 / 4096 * 32;
constexpr double kC3 = 2392.0 / 4096 * 32;

double pq_to_light(double signal) {
  const double power = std::pow(signal, 1 / kM2);
  return 10000 * std::pow(std::max(power - kC1, 0.0) / (kC2 - kC3 * power), 1 / kM1);
}

double light_to_pq(double light) {
  const double power = std::pow(light / 10000, kM1);
  return std::pow((kC1 + kC2 * power) / (1 + kC3 * power), kM2);
}

/// ITU-R BT.2100: from the signal to the scene's light, 0 to 1.
double hlg_to_light(double signal) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 1 - 4 * kA;
  const double c = 0.5 - kA * std::log(4 * kA);
  return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - c) / kA) + kB) / 12;
}

/// ITU-R BT.2390, 5.4.1: light of a picture of this peak on a display of kWhite, with the same black.
double eetf(double light, double peak) {
  const double top = light_to_pq(peak);
  const double most = light_to_pq(kWhite) / top;
  if (most >= 1) return light;
  const double from = std::min(light_to_pq(light) / top, 1.0);
  const double knee = 1.5 * most - 0.5;
  if (from < knee) return light;
  const double t = (from - knee) / (1 - knee);
  const double t2 = t * t;
  const double t3 = t2 * t;
  const double to = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
  return pq_to_light(to * top);
}

/// From linear light of these primaries, with D65 white, to that of BT.709's (ITU-R BT.2087; SMPTE RP 177).
std::array<float, 9> to_bt709(int primaries) {
  switch (primaries) {
    case AVCOL_PRI_BT709:
      return {1, 0, 0, 0, 1, 0, 0, 0, 1};
    case AVCOL_PRI_SMPTE432:
      return {1.224940F, -0.224940F, 0, -0.042057F, 1.042057F, 0, -0.019638F, -0.078636F, 1.098273F};
    default:
      return {1.660491F, -0.587641F, -0.072850F, -0.124550F, 1.132900F, -0.008349F, -0.018151F, -0.100579F, 1.118730F};
  }
}

}  // namespace

double FloatTable::argument(uint32_t entry) {
  const uint32_t bits = kLeast + (entry << kDropped) + (1U << (kDropped - 1));
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return static_cast<double>(value);
}

float FloatTable::operator()(float value) const {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  // Negative numbers have their highest bit set.
  if (bits < kLeast || bits >> 31 != 0) return values_.front();
  return values_[std::min((bits - kLeast) >> kDropped, kEntries - 1)];
}

bool ToneMapper::is_high_range(const AVFrame& frame) {
  return frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
}

void ToneMapper::prepare(const Source& source) {
  const bool same = made_.transfer == source.transfer && made_.primaries == source.primaries &&
                    !(made_.peak < source.peak) && !(made_.peak > source.peak);
  if (same) return;
  const bool hlg = source.transfer == AVCOL_TRC_ARIB_STD_B67;
  constexpr size_t kCodes = size_t{1} << kSignalBits;
  linear_.resize(kCodes);
  for (size_t i = 0; i < kCodes; i++) {
    const double signal = static_cast<double>(i) / (kCodes - 1);
    linear_[i] = static_cast<float>(hlg ? hlg_to_light(signal) : pq_to_light(signal) / kWhite);
  }
  if (hlg) {
    const double gamma = 1.2 + 0.42 * std::log10(source.peak / 1000);
    system_.fill([&](double light) { return source.peak / kWhite * std::pow(light, gamma - 1); });
  }
  gain_.fill([&](double light) { return eetf(light * kWhite, source.peak) / (light * kWhite); });
  signal_.fill([](double light) { return 65535 * std::pow(std::min(light, 1.0), 1 / 2.4); });
  matrix_ = to_bt709(source.primaries);
  made_ = source;
}

/// 0 to 65535.
std::array<float, 3> ToneMapper::mapped(const uint16_t* pixel) const {
  constexpr int kDropped = 16 - kSignalBits;
  float red = linear_[pixel[0] >> kDropped];
  float green = linear_[pixel[1] >> kDropped];
  float blue = linear_[pixel[2] >> kDropped];
  float factor = 1;
  if (made_.transfer == AVCOL_TRC_ARIB_STD_B67) factor = system_(0.2627F * red + 0.6780F * green + 0.0593F * blue);
  // All three by one factor: their hue stays.
  factor *= gain_(factor * std::max({red, green, blue}));
  red *= factor;
  green *= factor;
  blue *= factor;
  return {signal_(matrix_[0] * red + matrix_[1] * green + matrix_[2] * blue),
          signal_(matrix_[3] * red + matrix_[4] * green + matrix_[5] * blue),
          signal_(matrix_[6] * red + matrix_[7] * green + matrix_[8] * blue)};
}

void ToneMapper::map(const PixelView& from, const Source& source, const PixelView& to, uint8_t* memory) {
  prepare(source);
  const auto channels = static_cast<size_t>(from.channels);
  const auto width = static_cast<size_t>(from.width);
  for (int y = 0; y < from.height; y++) {
    const auto* pixel = reinterpret_cast<const uint16_t*>(from.row(y));
    uint8_t* const row = memory + to.stride * y;
    const auto put = [&](size_t at, float value) {
      if (to.deep) {
        reinterpret_cast<uint16_t*>(row)[at] = static_cast<uint16_t>(value + 0.5F);
      } else {
        row[at] = static_cast<uint8_t>(value / 257 + 0.5F);
      }
    };
    for (size_t x = 0; x < width; x++, pixel += channels) {
      const auto [red, green, blue] = mapped(pixel);
      if (to.channels == 1) {
        put(x, 0.299F * red + 0.587F * green + 0.114F * blue);
        continue;
      }
      const size_t at = x * channels;
      put(at, red);
      put(at + 1, green);
      put(at + 2, blue);
      if (channels == 4) put(at + 3, pixel[3]);
    }
  }
}

}  // namespace fp::av
