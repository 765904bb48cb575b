#include "yuv_image.h"

#include <cmath>
#include <string>
#include <utility>

#include "pixel_view.h"

namespace fp::av {

namespace {

constexpr int32_t kPoint = 14;  // bits behind it, for 8 bits of depth

/// The format of such planes without alpha, whatever their range; AV_PIX_FMT_NONE where FFmpeg has none.
AVPixelFormat planar_format(const AVPixFmtDescriptor& descriptor) {
  const int depth = descriptor.comp[0].depth;
  const char* const chroma = descriptor.log2_chroma_h == 1 ? "420" : descriptor.log2_chroma_w == 1 ? "422" : "444";
  return av_get_pix_fmt((std::string("yuv") + chroma + "p" + (depth > 8 ? std::to_string(depth) : "")).c_str());
}

/// Three planes of luma and chroma, in this machine's order of bytes.
bool is_planar_yuv(const AVPixFmtDescriptor& descriptor) {
  constexpr uint64_t kOthers = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL |
                               AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
  if ((descriptor.flags & kOthers) != 0 || descriptor.nb_components < 3) return false;
  const int depth = descriptor.comp[0].depth;
  if (depth < 8 || depth > 16) return false;
  if (depth > 8 && ((descriptor.flags & AV_PIX_FMT_FLAG_BE) != 0) != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)) {
    return false;
  }
  for (int i = 0; i < 3; i++) {
    const AVComponentDescriptor& component = descriptor.comp[i];
    if (component.plane != i || component.step != (depth > 8 ? 2 : 1) || component.shift != 0) return false;
  }
  const bool halved = descriptor.log2_chroma_w <= 1 && descriptor.log2_chroma_h <= descriptor.log2_chroma_w;
  return halved && planar_format(descriptor) != AV_PIX_FMT_NONE;
}

/// The same planes without alpha and without a range in the format's name.
Picture planes_of(const AVFrame& frame) {
  Picture picture = picture_of(frame);
  picture.format = planar_format(*av_pix_fmt_desc_get(picture.format));
  picture.data[3] = nullptr;
  picture.strides[3] = 0;
  return picture;
}

int32_t fixed(double value, int32_t shift) { return static_cast<int32_t>(std::lround(std::ldexp(value, shift))); }

bool changes_nothing(const RecolorFactors& factors) {
  constexpr int32_t kOne = 1 << kPoint;
  constexpr int32_t kHalf = kOne / 2;
  return factors.shift == kPoint && factors.luma == kOne && factors.luma_offset == kHalf && factors.luma_of_blue == 0 &&
         factors.luma_of_red == 0 && factors.blue == kOne && factors.blue_of_red == 0 && factors.red == kOne &&
         factors.red_of_blue == 0;
}

/// Sets the strides of an image of which the rest is known, and its planes in `scratch`.
std::array<uint8_t*, 3> take_planes(Scratch& scratch, YuvImage& image, int sample_bytes) {
  std::array<size_t, 3> offsets{};
  size_t bytes = 0;
  for (size_t i = 0; i < offsets.size(); i++) {
    image.strides[i] = padded_stride(image.plane_width(i) * sample_bytes);
    offsets[i] = bytes;
    bytes += static_cast<size_t>(image.strides[i]) * static_cast<size_t>(image.plane_height(i));
  }
  uint8_t* const memory = scratch.take(bytes + 64);
  std::array<uint8_t*, 3> planes{};
  for (size_t i = 0; i < planes.size(); i++) image.planes[i] = planes[i] = memory + offsets[i];
  return planes;
}

YuvImage shape_of(const AVPixFmtDescriptor& descriptor, int width, int height) {
  YuvImage image;
  image.width = width;
  image.height = height;
  image.shift_x = descriptor.log2_chroma_w;
  image.shift_y = descriptor.log2_chroma_h;
  return image;
}

template <typename Sample>
const Sample* row_of(const Picture& picture, size_t plane, int y) {
  return reinterpret_cast<const Sample*>(picture.data[plane] + static_cast<ptrdiff_t>(picture.strides[plane]) * y);
}

template <typename Sample>
void recolor(const Picture& from, const RecolorFactors& factors, const YuvImage& to,
             const std::array<uint8_t*, 3>& planes, int32_t* offsets) {
  const bool mixes = factors.luma_of_blue != 0 || factors.luma_of_red != 0;
  const int chroma_rows = to.plane_height(1);
  const auto width = static_cast<size_t>(to.width);
  for (int y = 0; y < chroma_rows; y++) {
    const ChromaRow<Sample> chroma{row_of<Sample>(from, 1, y), row_of<Sample>(from, 2, y),
                                   static_cast<size_t>(to.plane_width(1))};
    if (mixes) luma_offsets(chroma, to.shift_x == 1, factors, offsets);
    recolor_chroma(chroma, factors, planes[1] + static_cast<ptrdiff_t>(to.strides[1]) * y,
                   planes[2] + static_cast<ptrdiff_t>(to.strides[2]) * y);
    for (int row = y << to.shift_y; row < std::min((y + 1) << to.shift_y, to.height); row++) {
      recolor_luma(row_of<Sample>(from, 0, row), mixes ? offsets : nullptr, width, factors,
                   planes[0] + static_cast<ptrdiff_t>(to.strides[0]) * row);
    }
  }
}

}  // namespace

RecolorFactors recolor_factors(int color_space, bool full_range, int depth, bool to_full_range) {
  // swscale's, so that there is one opinion on what a stream that says nothing means. Of the limited range, in 1/65536.
  const int* const coefficients = sws_getCoefficients(color_space);
  constexpr double kScale = 224.0 / 255 / 65536;
  const double red_of_v = coefficients[0] * kScale;
  const double blue_of_u = coefficients[1] * kScale;
  const double green_of_u = -coefficients[2] * kScale;
  const double green_of_v = -coefficients[3] * kScale;
  constexpr double kRed = 0.299;
  constexpr double kBlue = 0.114;
  constexpr double kGreen = 1 - kRed - kBlue;
  const double luma_of_u = kBlue * blue_of_u + kGreen * green_of_u;
  const double luma_of_v = kRed * red_of_v + kGreen * green_of_v;
  constexpr double kBlueRange = 2 * (1 - kBlue);
  constexpr double kRedRange = 2 * (1 - kRed);

  const int more = depth - 8;
  const double step = std::ldexp(1.0, more);  // of the depth, for one of 8 bits
  const double top = std::ldexp(1.0, depth) - 1;
  const double luma_range = full_range ? top : 219 * step;
  const double chroma_range = full_range ? top : 224 * step;
  const double black = full_range ? 0 : 16 * step;
  const double grey = 128 * step;
  const double to_luma = to_full_range ? 255 : 219;
  const double to_chroma = to_full_range ? 255 : 224;
  const double to_black = to_full_range ? 0 : 16;

  RecolorFactors factors;
  factors.shift = kPoint + more;
  const auto of = [&](double value) { return fixed(value, factors.shift); };
  factors.luma = of(to_luma / luma_range);
  factors.luma_of_blue = of(luma_of_u * to_luma / chroma_range);
  factors.luma_of_red = of(luma_of_v * to_luma / chroma_range);
  factors.blue = of((blue_of_u - luma_of_u) / kBlueRange * to_chroma / chroma_range);
  factors.blue_of_red = of(-luma_of_v / kBlueRange * to_chroma / chroma_range);
  factors.red = of((red_of_v - luma_of_v) / kRedRange * to_chroma / chroma_range);
  factors.red_of_blue = of(-luma_of_u / kRedRange * to_chroma / chroma_range);
  // Of the rounded factors: then grey stays grey, and black black.
  const auto offset = [&](double at, double luma, double blue, double red) {
    return static_cast<int32_t>(std::lround(std::ldexp(at + 0.5, factors.shift) - luma * black - (blue + red) * grey));
  };
  factors.luma_offset = offset(to_black, factors.luma, factors.luma_of_blue, factors.luma_of_red);
  factors.blue_offset = offset(128, 0, factors.blue, factors.blue_of_red);
  factors.red_offset = offset(128, 0, factors.red, factors.red_of_blue);
  return factors;
}

bool YuvConverter::can(AVPixelFormat format, const Orientation& orientation) {
  const AVPixFmtDescriptor* descriptor = av_pix_fmt_desc_get(format);
  if (descriptor == nullptr || !is_planar_yuv(*descriptor)) return false;
  return !orientation.transpose || descriptor->log2_chroma_w == descriptor->log2_chroma_h;
}

YuvImage YuvConverter::convert(const AVFrame& frame, const YuvTarget& target) {
  const bool transposed = target.orientation.transpose;
  const Picture picture =
      scaled(planes_of(frame), transposed ? target.height : target.width, transposed ? target.width : target.height);
  return turned(recolored(picture, target.full_range), target.orientation);
}

Picture YuvConverter::scaled(const Picture& from, int width, int height) {
  if (from.width == width && from.height == height) return from;
  const AVPixFmtDescriptor& descriptor = *av_pix_fmt_desc_get(from.format);
  YuvImage shape = shape_of(descriptor, width, height);
  const auto planes = take_planes(scaled_, shape, descriptor.comp[0].step);
  Picture picture = from;
  picture.width = width;
  picture.height = height;
  for (size_t i = 0; i < planes.size(); i++) {
    picture.data[i] = planes[i];
    picture.strides[i] = shape.strides[i];
  }
  const Rescaler::Planes to{{planes[0], planes[1], planes[2], nullptr},
                            {shape.strides[0], shape.strides[1], shape.strides[2], 0}};
  rescaler_.scale(from, {width, height, from.format, SWS_BILINEAR, from.full_range}, to);
  return picture;
}

YuvImage YuvConverter::recolored(const Picture& from, bool full_range) {
  const AVPixFmtDescriptor& descriptor = *av_pix_fmt_desc_get(from.format);
  const int depth = descriptor.comp[0].depth;
  const RecolorFactors factors = recolor_factors(from.color_space, from.full_range, depth, full_range);
  YuvImage image = shape_of(descriptor, from.width, from.height);
  // Most encoders want their rows top down.
  if (changes_nothing(factors) && from.strides[0] > 0 && from.strides[1] > 0 && from.strides[2] > 0) {
    for (size_t i = 0; i < 3; i++) {
      image.planes[i] = from.data[i];
      image.strides[i] = from.strides[i];
    }
    return image;
  }
  const auto planes = take_planes(recolored_, image, 1);
  offsets_.resize(static_cast<size_t>(from.width) + 1);
  if (depth > 8) {
    recolor<uint16_t>(from, factors, image, planes, offsets_.data());
  } else {
    recolor<uint8_t>(from, factors, image, planes, offsets_.data());
  }
  return image;
}

YuvImage YuvConverter::turned(const YuvImage& from, const Orientation& orientation) {
  if (orientation.identity()) return from;
  YuvImage image = from;
  if (orientation.transpose) std::swap(image.width, image.height);
  const auto planes = take_planes(turned_, image, 1);
  for (size_t i = 0; i < planes.size(); i++) {
    const PixelView plane{from.planes[i], from.plane_width(i), from.plane_height(i), from.strides[i], 1, false};
    turn_rows(plane, orientation, 0, image.plane_height(i), planes[i], image.strides[i]);
  }
  return image;
}

}  // namespace fp::av
