#include "rgb_shrinker.h"

#include <algorithm>

#include "handles.h"
#include "row_kernels.h"
#include "yuv_kernels.h"

namespace fp::av {

namespace {

constexpr int kShift = 15;  // of the factors from RGB
constexpr int64_t kOne = 1 << 16;

int64_t rounded(int64_t value, int64_t by) {
  const bool negative = (value < 0) != (by < 0);
  const int64_t size = value < 0 ? -value : value;
  const int64_t divisor = by < 0 ? -by : by;
  const int64_t result = (size + (divisor >> 1)) / divisor;
  return negative ? -result : result;
}

/// swscale's fixed-point factors from RGB to limited-range luma and chroma.
std::array<int32_t, 9> factors_from_rgb(const int* table) {
  const int* usual = sws_getCoefficients(SWS_CS_DEFAULT);
  if (std::equal(table, table + 4, usual)) {
    const auto factor = [](double value, int range) {
      return static_cast<int32_t>(value * range / 255 * (1 << kShift) + 0.5);
    };
    return {factor(0.299, 219), factor(0.587, 219), factor(0.114, 219),  -factor(0.169, 224), -factor(0.331, 224),
            factor(0.500, 224), factor(0.500, 224), -factor(0.419, 224), -factor(0.081, 224)};
  }
  const int64_t vr = table[0];
  const int64_t ub = table[1];
  const int64_t ug = -table[2];
  const int64_t vg = -table[3];
  const int64_t cy = kOne * 255 / 219;
  const int64_t w = rounded(kOne * kOne * ug, ub);
  const int64_t v = rounded(kOne * kOne * vg, vr);
  const int64_t z = kOne * kOne - w - v;
  const int64_t y = rounded(cy * z, kOne);
  const int64_t u = rounded(ub * z, kOne);
  const int64_t r = rounded(vr * z, kOne);
  const int64_t unit = int64_t{1} << kShift;
  const int64_t all[] = {-rounded(unit * v, y),      rounded(unit * kOne * kOne, y),  -rounded(unit * w, y),
                         rounded(unit * v, u),       -rounded(unit * kOne * kOne, u), rounded(unit * (z + w), u),
                         rounded(unit * (v + z), r), -rounded(unit * kOne * kOne, r), rounded(unit * w, r)};
  std::array<int32_t, 9> factors{};
  std::transform(std::begin(all), std::end(all), factors.begin(),
                 [](int64_t one) { return static_cast<int32_t>(one); });
  return factors;
}

std::array<int32_t, 6> factors_to_rgb(const int* table) {
  const auto rounded16 = [](int64_t value) {
    return static_cast<int32_t>(std::clamp<int64_t>((value + (1 << 15)) >> 16, -0x8000, 0x7fff));
  };
  const auto scaled = [&](int64_t value) { return rounded16(value * (1 << 13)); };
  return {rounded16((int64_t{16} << 16) * (1 << 9)),
          scaled(kOne * 255 / 219),
          scaled(table[0]),
          scaled(-int64_t{table[3]}),
          scaled(-int64_t{table[2]}),
          scaled(table[1])};
}

constexpr int kLine = 3;  // luma and two of chroma

}  // namespace

bool RgbShrinker::can(int width, int height, int to_width, int to_height) {
  return width % 2 == 0 && to_width >= 8 && to_height >= 2 && to_width < width && to_height < height &&
         width / to_width < 32 && height / to_height < 32;
}

RgbShrinker::RgbShrinker(int width, int height, int to_width, int to_height, const int* coefficients)
    : width_(width),
      height_(height),
      to_width_(to_width),
      to_height_(to_height),
      half_(to_width <= width / 2),
      to_yuv_(factors_from_rgb(coefficients)),
      to_rgb_(factors_to_rgb(coefficients)),
      padded_(static_cast<size_t>(to_width + 31) / 32 * 32) {
  constexpr int kMiddle = 128;
  const int chroma = half_ ? width / 2 : width;
  const auto across = [](int taps) { return taps <= 4 ? 4 : (taps + 7) / 8 * 8; };
  const auto down = [](int taps) { return (taps + 1) / 2 * 2; };
  luma_ = bilinear_filter(width, to_width, kMiddle, kMiddle, 1 << 14, across);
  chroma_ = bilinear_filter(chroma, to_width, kMiddle, kMiddle, 1 << 14, across);
  down_ = bilinear_filter(height, to_height, kMiddle, kMiddle, 1 << 12, down);
  lines_.resize(padded_ * kLine * static_cast<size_t>(down_.taps));
  const size_t row = static_cast<size_t>(width + 63) / 64 * 64;
  split_.resize(std::max(row, padded_) * kLine);
  samples_.resize(row * kLine);
}

RgbShrinker::Line RgbShrinker::line_of(int y) {
  int16_t* first = lines_.data() + padded_ * kLine * static_cast<size_t>(y % down_.taps);
  return {first, first + padded_, first + 2 * padded_};
}

void RgbShrinker::shrink(const PixelView& picture, uint8_t* to, ptrdiff_t stride) {
  int read = 0;
  for (int y = 0; y < to_height_; y++) {
    const int first = down_.position[static_cast<size_t>(y)];
    for (read = std::max(read, first); read < first + down_.taps; read++) read_row(picture.row(read), line_of(read));
    write_row(y, to + stride * y);
  }
}

void RgbShrinker::read_row(const uint8_t* row, const Line& line) {
  const auto width = static_cast<size_t>(width_);
  const size_t apart = samples_.size() / kLine;
  uint8_t* const colours[4] = {split_.data(), split_.data() + apart, split_.data() + 2 * apart, nullptr};
  int16_t* const yuv[3] = {samples_.data(), samples_.data() + apart, samples_.data() + 2 * apart};
  split_row(row, width, 3, colours);
  luma_row(colours, width, to_yuv_.data(), yuv[0]);
  for (size_t i = 1; i < 3; i++) {
    (half_ ? half_chroma_row : chroma_row)(colours, half_ ? width / 2 : width, to_yuv_.data() + 3 * i, yuv[i]);
  }
  const auto across = [&](const ScaleFilter& filter, const int16_t* from, int16_t* target) {
    filter_row(from, filter.weight.data(), filter.position.data(), static_cast<size_t>(filter.taps),
               static_cast<size_t>(to_width_), target);
  };
  across(luma_, yuv[0], line.luma);
  across(chroma_, yuv[1], line.blue);
  across(chroma_, yuv[2], line.red);
}

void RgbShrinker::write_row(int y, uint8_t* to) {
  const auto at = static_cast<size_t>(y);
  const auto taps = static_cast<size_t>(down_.taps);
  std::array<const int16_t*, kMostTaps> luma{};
  std::array<const int16_t*, kMostTaps> blue{};
  std::array<const int16_t*, kMostTaps> red{};
  for (size_t i = 0; i < taps; i++) {
    const Line line = line_of(down_.position[at] + static_cast<int>(i));
    luma[i] = line.luma;
    blue[i] = line.blue;
    red[i] = line.red;
  }
  const YuvRows rows{luma.data(), blue.data(), red.data(), down_.weight.data() + at * taps, taps};
  rgb_row(rows, to_rgb_.data(), static_cast<size_t>(to_width_), to);
}

}  // namespace fp::av
