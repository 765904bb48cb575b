// Orientations, the pixel kernels, and where the planes of a native picture lie.
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "check.h"
#include "converter.h"
#include "orientation.h"
#include "pixel_kernels.h"
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
    av::write_pixels({source, kWidth, kHeight, kWidth, 1, false}, orientation, false, false, turned.data());
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

Picture random_picture(Random& random, int channels, bool deep) {
  Picture picture{};
  picture.width = 1 + static_cast<int>(random.below(9));
  picture.height = 1 + static_cast<int>(random.below(9));
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

void check_written(const Picture& picture, const Orientation& orientation, bool to_float, bool planar) {
  const auto count = static_cast<size_t>(picture.width * picture.height * picture.channels);
  const size_t size = count * (to_float ? sizeof(float) : 1);
  const auto target = std::make_unique<uint8_t[]>(size);
  av::write_pixels(
      {picture.bytes.data(), picture.width, picture.height, picture.stride, picture.channels, picture.deep},
      orientation, to_float, planar, target.get());
  const int width = orientation.transpose ? picture.height : picture.width;
  const int height = orientation.transpose ? picture.width : picture.height;
  bool same = true;
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      const int mirrored_x = orientation.flip_x ? width - 1 - x : x;
      const int mirrored_y = orientation.flip_y ? height - 1 - y : y;
      const int from_x = orientation.transpose ? mirrored_y : mirrored_x;
      const int from_y = orientation.transpose ? mirrored_x : mirrored_y;
      for (int channel = 0; channel < picture.channels; channel++) {
        const int at = planar ? (channel * height + y) * width + x : (y * width + x) * picture.channels + channel;
        const double expected = sample(picture, from_x, from_y, channel);
        if (to_float) {
          float value = 0;
          std::memcpy(&value, target.get() + static_cast<size_t>(at) * sizeof value, sizeof value);
          same = same && std::abs(static_cast<double>(value) - expected / (picture.deep ? 65535 : 255)) < 1e-7;
        } else {
          same = same && target[static_cast<size_t>(at)] == expected;
        }
      }
    }
  }
  CHECK(same);
}

void kernels() {
  Random random(13);
  for (int turn = 0; turn < 8; turn++) {
    const Orientation orientation{(turn & 1) != 0, (turn & 2) != 0, (turn & 4) != 0};
    for (const int channels : {1, 3, 4}) {
      for (const bool planar : {false, true}) {
        for (int round = 0; round < 3; round++) {
          check_written(random_picture(random, channels, false), orientation, false, planar);
          check_written(random_picture(random, channels, false), orientation, true, planar);
          check_written(random_picture(random, channels, true), orientation, true, planar);
        }
      }
    }
  }
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
  kernels();
  planes();
}

}  // namespace fp::test
