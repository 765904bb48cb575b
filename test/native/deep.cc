// Pictures of more than 8 bits against the standard's own formula.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "check.h"
#include "media.h"

namespace fp::test {

namespace {

/// A 4:2:0 picture of 10 bits in the narrow range, as the decoder gave it: planes without padding.
class Ten {
 public:
  Ten(const Bytes& planes, int width, int height)
      : planes_(planes), width_(width), chroma_width_((width + 1) / 2), chroma_height_((height + 1) / 2) {
    const auto luma = static_cast<size_t>(width) * static_cast<size_t>(height);
    const auto chroma = static_cast<size_t>(chroma_width_) * static_cast<size_t>(chroma_height_);
    starts_[1] = luma;
    starts_[2] = luma + chroma;
    is_whole_ = planes.size() == 2 * (luma + 2 * chroma);
  }

  bool is_whole() const { return is_whole_; }

  /// The chroma is the same all around: how it is interpolated does not matter there.
  bool is_flat(int x, int y) const {
    constexpr int kAround = 4;
    const int left = x / 2 - kAround;
    const int top = y / 2 - kAround;
    if (left < 0 || top < 0 || left + 2 * kAround >= chroma_width_ || top + 2 * kAround >= chroma_height_) return false;
    for (int i = 0; i <= 2 * kAround; i++) {
      for (int j = 0; j <= 2 * kAround; j++) {
        for (const size_t plane : {1, 2}) {
          if (sample(plane, left + i, top + j) != sample(plane, x / 2, y / 2)) return false;
        }
      }
    }
    return true;
  }

  /// Red, green and blue, 0 to 255; `red` and `blue` are the matrix's shares of luma.
  void rgb(int x, int y, double red, double blue, double* to) const {
    const double luma = (sample(0, x, y) - 64) / 876.0;
    const double u = (sample(1, x / 2, y / 2) - 512) / 896.0;
    const double v = (sample(2, x / 2, y / 2) - 512) / 896.0;
    const double green = 1 - red - blue;
    to[0] = luma + 2 * (1 - red) * v;
    to[1] = luma - 2 * blue * (1 - blue) / green * u - 2 * red * (1 - red) / green * v;
    to[2] = luma + 2 * (1 - blue) * u;
    for (int i = 0; i < 3; i++) to[i] = std::clamp(to[i], 0.0, 1.0) * 255;
  }

 private:
  int sample(size_t plane, int x, int y) const {
    const auto width = static_cast<size_t>(plane == 0 ? width_ : chroma_width_);
    uint16_t value = 0;
    const size_t at = starts_[plane] + static_cast<size_t>(y) * width + static_cast<size_t>(x);
    std::memcpy(&value, planes_.data() + 2 * at, sizeof(value));
    return value;
  }

  const Bytes& planes_;
  int width_;
  int chroma_width_;
  int chroma_height_;
  size_t starts_[3] = {};
  bool is_whole_ = false;
};

}  // namespace

bool has_formula(const av::StreamInfo& info) {
  return info.format == AV_PIX_FMT_YUV420P10LE && info.color_range == "tv" &&
         (info.color_space == "bt2020nc" || info.color_space == "bt709") && std::isnan(info.rotation) &&
         info.width == info.coded_width && info.height == info.coded_height;
}

void compare_with_formula(const av::StreamInfo& info, const Bytes& planes, const Bytes& bytes, const Bytes& floats) {
  const Ten picture(planes, info.width, info.height);
  const size_t samples = static_cast<size_t>(info.width) * static_cast<size_t>(info.height) * 3;
  if (!picture.is_whole() || bytes.size() != samples || floats.size() != samples * sizeof(float)) return CHECK(false);
  const bool wide = info.color_space == "bt2020nc";
  const auto* values = reinterpret_cast<const float*>(floats.data());
  double floats_off = 0;
  double bytes_above = 0;
  double bytes_below = 0;
  for (int y = 0; y < info.height; y += 3) {
    for (int x = 0; x < info.width; x += 5) {
      if (!picture.is_flat(x, y)) continue;
      double exact[3];
      picture.rgb(x, y, wide ? 0.2627 : 0.2126, wide ? 0.0593 : 0.0722, exact);
      for (size_t i = 0; i < 3; i++) {
        const size_t at = (static_cast<size_t>(y) * static_cast<size_t>(info.width) + static_cast<size_t>(x)) * 3 + i;
        floats_off = std::max(floats_off, std::abs(static_cast<double>(values[at]) * 255 - exact[i]));
        bytes_above = std::max(bytes_above, bytes[at] - exact[i]);
        bytes_below = std::max(bytes_below, exact[i] - bytes[at]);
      }
    }
  }
  // Floats come from 16 bits, where what is off is swscale's rounding alone. For bytes it drops the lowest two bits of
  // luma and chroma, up to 0.75 of a step each, which are 0.9 and 1.6 in blue, and truncates what they give: bytes are
  // darker, and bit for bit torchcodec's.
  verify(floats_off < 1.5, __FILE__, __LINE__, "floats are off the formula by " + std::to_string(floats_off));
  verify(
      bytes_above < 1.5 && bytes_below < 4.5, __FILE__, __LINE__,
      "bytes are above the formula by " + std::to_string(bytes_above) + " and below by " + std::to_string(bytes_below));
}

}  // namespace fp::test
