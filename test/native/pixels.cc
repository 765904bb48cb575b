// Orientations, the pixel kernels, and where the planes of a native picture lie.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "../../native/av/converter.h"
#include "../../native/av/orientation.h"
#include "../../native/av/pixel_writer.h"
#include "../../native/av/row_kernels.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

using av::Orientation;

constexpr int32_t kOne = 1 << 16;

void display_matrices() {
  CHECK(av::orientation_of(nullptr).identity());
  // a, b, c, d of the matrix; the output pixel that shows source (x, y) is (a x + c y, b x + d y), moved into place.
  const struct {
    int32_t a, b, c, d;
  } symmetries[] = {{1, 0, 0, 1},  {-1, 0, 0, 1}, {1, 0, 0, -1}, {-1, 0, 0, -1},
                    {0, 1, -1, 0}, {0, -1, 1, 0}, {0, 1, 1, 0},  {0, -1, -1, 0}};
  constexpr int kWidth = 3;
  constexpr int kHeight = 2;
  const uint8_t source[kWidth * kHeight] = {10, 11, 12, 20, 21, 22};
  for (const auto& m : symmetries) {
    const int32_t matrix[9] = {m.a * kOne, m.b * kOne, 0, m.c * kOne, m.d * kOne, 0, 0, 0, 1 << 30};
    const Orientation orientation = av::orientation_of(matrix);
    const int width = m.a != 0 ? kWidth : kHeight;
    const int height = m.a != 0 ? kHeight : kWidth;
    CHECK_EQUAL(orientation.transpose, m.a == 0);
    std::vector<uint8_t> turned(kWidth * kHeight);
    av::PixelWriter writer;
    const av::SampleSpec bytes;
    writer.begin(bytes, width, height, 1, false, turned.data());
    writer.picture({source, kWidth, kHeight, kWidth, 1, false}, orientation);
    for (int y = 0; y < kHeight; y++) {
      for (int x = 0; x < kWidth; x++) {
        const int left = m.a + m.c < 0 ? width - 1 : 0;
        const int top = m.b + m.d < 0 ? height - 1 : 0;
        const int at = (top + m.b * x + m.d * y) * width + left + m.a * x + m.c * y;
        CHECK_EQUAL(turned[static_cast<size_t>(at)], source[y * kWidth + x]);
      }
    }
  }
  // A little off the right angle, and the extremes of the type.
  const int32_t slanted[9] = {kOne / 10, kOne, 0, -kOne, kOne / 10, 0, 0, 0, 1 << 30};
  CHECK(av::orientation_of(slanted).transpose);
  const int32_t extreme[9] = {INT32_MIN, INT32_MAX, 0, INT32_MIN, INT32_MIN, 0, 0, 0, 0};
  CHECK(av::orientation_of(extreme).flip_x);
}

struct Picture {
  int width, height, channels;
  bool deep;
  ptrdiff_t stride;
  std::vector<uint8_t> bytes;
};

Picture random_picture(Random& random, int channels, bool deep, int widest) {
  Picture picture{};
  picture.width = 1 + static_cast<int>(random.below(static_cast<size_t>(widest)));
  picture.height = 1 + static_cast<int>(random.below(20));
  picture.channels = channels;
  picture.deep = deep;
  const int row = picture.width * channels * (deep ? 2 : 1);
  picture.stride = row + 2 * static_cast<int>(random.below(3));
  // The last row has no padding behind it.
  picture.bytes = random.bytes(static_cast<size_t>(picture.stride * (picture.height - 1) + row));
  return picture;
}

double sample(const Picture& picture, int x, int y, int channel) {
  const uint8_t* at =
      picture.bytes.data() + picture.stride * y + (x * picture.channels + channel) * (picture.deep ? 2 : 1);
  if (!picture.deep) return *at;
  uint16_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Independent of the kernel: the nearest half by looking at both neighbours.
double half_value(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int mantissa = bits & 1023;
  const double size = exponent == 0    ? std::ldexp(mantissa, -24)
                      : exponent == 31 ? (mantissa == 0 ? HUGE_VAL : NAN)
                                       : std::ldexp(1024 + mantissa, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

/// What each channel is normalised with; none: as it is.
const float kMean[] = {0.485F, 0.456F, 0.406F, 0.0F};
const float kDeviation[] = {0.229F, 0.224F, 0.225F, 1.0F};

av::SampleSpec samples_of(av::SampleType type, bool planar, bool normalised, int channels) {
  av::SampleSpec spec;
  spec.type = type;
  spec.layout = planar ? av::Layout::kNchw : av::Layout::kNhwc;
  if (normalised) {
    spec.mean.assign(kMean, kMean + channels);
    spec.deviation.assign(kDeviation, kDeviation + channels);
  }
  return spec;
}

bool holds(const uint8_t* target, size_t at, av::SampleType type, float expected, double byte) {
  if (type == av::SampleType::kUint8) return target[at] == byte;
  if (type == av::SampleType::kFloat32) {
    float value = 0;
    std::memcpy(&value, target + at * sizeof value, sizeof value);
    return value == expected;
  }
  uint16_t half = 0;
  std::memcpy(&half, target + at * sizeof half, sizeof half);
  const double off = std::abs(half_value(half) - static_cast<double>(expected));
  const auto next = static_cast<uint16_t>(half + 1);
  const auto last = static_cast<uint16_t>(half - 1);
  const double step =
      std::max(std::abs(half_value(next) - half_value(half)), std::abs(half_value(half) - half_value(last)));
  return half_value(half) == static_cast<double>(expected) || off <= step / 2 || (half & 0x7fff) == 0;
}

void check_written(const Picture& picture, const Orientation& orientation, const av::SampleSpec& spec) {
  const bool planar = spec.layout == av::Layout::kNchw;
  const auto count = static_cast<size_t>(picture.width * picture.height * picture.channels);
  const auto target = std::make_unique<uint8_t[]>(count * av::bytes_of(spec.type));
  const int width = orientation.transpose ? picture.height : picture.width;
  const int height = orientation.transpose ? picture.width : picture.height;
  av::PixelWriter writer;
  writer.begin(spec, width, height, picture.channels, picture.deep, target.get());
  writer.picture({picture.bytes.data(), picture.width, picture.height, picture.stride, picture.channels, picture.deep},
                 orientation);
  bool same = true;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      const int mirrored_x = orientation.flip_x ? width - 1 - x : x;
      const int mirrored_y = orientation.flip_y ? height - 1 - y : y;
      const int from_x = orientation.transpose ? mirrored_y : mirrored_x;
      const int from_y = orientation.transpose ? mirrored_x : mirrored_y;
      for (int channel = 0; channel < picture.channels; channel++) {
        const int at = planar ? (channel * height + y) * width + x : (y * width + x) * picture.channels + channel;
        const double value = sample(picture, from_x, from_y, channel);
        float expected = static_cast<float>(value) / (picture.deep ? 65535.0F : 255.0F);
        if (!spec.mean.empty()) {
          expected -= spec.mean[static_cast<size_t>(channel)];
          expected /= spec.deviation[static_cast<size_t>(channel)];
        }
        same = same && holds(target.get(), static_cast<size_t>(at), spec.type, expected, value);
      }
    }
  }
  CHECK(same);
}

void writing() {
  Random random(13);
  for (int turn = 0; turn < 8; turn++) {
    const Orientation orientation{(turn & 1) != 0, (turn & 2) != 0, (turn & 4) != 0};
    for (const int channels : {1, 3, 4}) {
      for (const bool planar : {false, true}) {
        // Rows shorter and longer than what vector code takes at once.
        for (const int widest : {9, 9, 150}) {
          check_written(random_picture(random, channels, false, widest), orientation,
                        samples_of(av::SampleType::kUint8, planar, false, channels));
          for (const bool deep : {false, true}) {
            for (const av::SampleType type : {av::SampleType::kFloat32, av::SampleType::kFloat16}) {
              for (const bool normalised : {false, true}) {
                check_written(random_picture(random, channels, deep, widest), orientation,
                              samples_of(type, planar, normalised, channels));
              }
            }
          }
        }
      }
    }
  }
}

/// Every half, what lies in the middle between two, and what lies just beside that.
void halves() {
  bool same = true;
  for (uint32_t bits = 0; bits < 0x7c00; bits++) {
    const auto half = static_cast<uint16_t>(bits);
    const auto exact = static_cast<float>(half_value(half));
    const double above = bits == 0x7bff ? 65536 : half_value(static_cast<uint16_t>(half + 1));
    const auto middle = static_cast<float>((half_value(half) + above) / 2);
    const float given[] = {exact, -exact, middle, std::nextafterf(middle, 0), std::nextafterf(middle, 1e9F)};
    uint16_t got[5] = {};
    av::halves_of(given, 5, got);
    const auto even = static_cast<uint16_t>(half + (half & 1));
    const auto next = static_cast<uint16_t>(half + 1);
    same = same && got[0] == half && got[1] == (half | 0x8000) && got[2] == even && got[3] == half && got[4] == next;
  }
  CHECK(same);
  const float given[] = {HUGE_VALF, -HUGE_VALF, NAN, 1e-30F, 1e9F, 65520.0F};
  uint16_t got[6] = {};
  av::halves_of(given, 6, got);
  CHECK_EQUAL(got[0], 0x7c00);
  CHECK_EQUAL(got[1], 0xfc00);
  CHECK((got[2] & 0x7fff) > 0x7c00);
  CHECK_EQUAL(got[3], 0);
  CHECK_EQUAL(got[4], 0x7c00);
  CHECK_EQUAL(got[5], 0x7c00);
}

void planes() {
  const auto odd = av::native_planes(AV_PIX_FMT_YUV420P, 5, 3);
  CHECK_EQUAL(odd.size(), 3U);
  CHECK_EQUAL(odd[0].stride, 5);
  CHECK_EQUAL(odd[1].offset, 15);
  CHECK_EQUAL(odd[1].width, 3);
  CHECK_EQUAL(odd[2].offset, 21);
  CHECK_EQUAL(odd[2].height, 2);
  CHECK_EQUAL(av::native_bytes(AV_PIX_FMT_YUV420P, 5, 3), 27U);
  CHECK_EQUAL(av::native_planes(AV_PIX_FMT_PAL8, 4, 4).size(), 2U);
  CHECK_ERROR("E_UNSUPPORTED_CODEC", av::native_planes(AV_PIX_FMT_VAAPI, 4, 4));
  CHECK_ERROR("E_UNSUPPORTED_CODEC", av::native_planes(AV_PIX_FMT_NONE, 4, 4));
  CHECK_ERROR("E_LIMIT", av::native_bytes(AV_PIX_FMT_YUV420P, INT32_MAX, INT32_MAX));
  CHECK_ERROR("E_LIMIT", av::native_bytes(AV_PIX_FMT_YUV420P, -1, 4));
  CHECK_ERROR("E_LIMIT", av::native_bytes(AV_PIX_FMT_NONE, 4, 4));
  // Every format that lives in memory: the planes end where the picture does.
  for (const AVPixFmtDescriptor* one = av_pix_fmt_desc_next(nullptr); one != nullptr; one = av_pix_fmt_desc_next(one)) {
    if ((one->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0) continue;
    const AVPixelFormat format = av_pix_fmt_desc_get_id(one);
    for (const int side : {1, 17, 64}) {
      const auto all = av::native_planes(format, side, side);
      const av::PlaneLayout& last = all.back();
      const int64_t end = last.offset + static_cast<int64_t>(last.stride) * last.height;
      verify(static_cast<size_t>(end) == av::native_bytes(format, side, side), __FILE__, __LINE__,
             std::string("planes of ") + one->name + " at " + std::to_string(side));
    }
  }
}

}  // namespace

void check_pixels() {
  display_matrices();
  writing();
  halves();
  planes();
}

}  // namespace fp::test
