#include "webp_writer.h"

#include <webp/encode.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "error.h"

namespace fp::av {

namespace {

/// How hard libwebp looks for something smaller, of 0 to 6. Measured on 1080p: 3 and 4, its default, take three times
/// as long for less than 1 %.
constexpr int kMethod = 2;

/// Frees what libwebp allocated for the picture.
struct Image {
  Image() {
    if (WebPPictureInit(&picture) == 0) throw Error("E_INTERNAL", "libwebp is of another version");
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() { WebPPictureFree(&picture); }
  WebPPicture picture{};
};

/// libwebp's callback: 1 to go on.
int append(const uint8_t* data, size_t size, const WebPPicture* picture) {
  auto& output = *static_cast<std::vector<uint8_t>*>(picture->custom_ptr);
  try {
    output.insert(output.end(), data, data + size);
    return 1;
  } catch (...) {
    return 0;
  }
}

void set_size(WebPPicture& picture, int width, int height) {
  if (std::max(width, height) > WEBP_MAX_DIMENSION) {
    throw Error("E_LIMIT", "a WebP holds at most " + std::to_string(WEBP_MAX_DIMENSION) + " pixels a side");
  }
  picture.width = width;
  picture.height = height;
}

void encode(WebPPicture& picture, int quality, std::vector<uint8_t>& output) {
  WebPConfig config;
  if (WebPConfigInit(&config) == 0) throw Error("E_INTERNAL", "libwebp is of another version");
  config.quality = static_cast<float>(quality);
  config.method = kMethod;
  output.clear();
  picture.writer = append;
  picture.custom_ptr = &output;
  if (WebPEncode(&config, &picture) != 0) return;
  const int error = picture.error_code;
  const bool is_room = error == VP8_ENC_ERROR_OUT_OF_MEMORY || error == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY ||
                       error == VP8_ENC_ERROR_BAD_WRITE || error == VP8_ENC_ERROR_PARTITION0_OVERFLOW ||
                       error == VP8_ENC_ERROR_PARTITION_OVERFLOW || error == VP8_ENC_ERROR_FILE_TOO_BIG;
  throw Error(is_room ? "E_LIMIT" : "E_INTERNAL", "encode a WebP: libwebp's error " + std::to_string(error));
}

}  // namespace

Span WebpWriter::write(const YuvImage& image, int quality) {
  Image own;
  WebPPicture& picture = own.picture;
  set_size(picture, image.width, image.height);
  picture.use_argb = 0;
  picture.colorspace = WEBP_YUV420;
  // Its planes are only read.
  picture.y = const_cast<uint8_t*>(image.planes[0]);
  picture.u = const_cast<uint8_t*>(image.planes[1]);
  picture.v = const_cast<uint8_t*>(image.planes[2]);
  picture.y_stride = image.strides[0];
  picture.uv_stride = image.strides[1];
  encode(picture, quality, output_);
  return {output_.data(), output_.size()};
}

Span WebpWriter::write(const PixelView& pixels, int quality) {
  if (pixels.channels == 1) return write_grey(pixels, quality);
  Image own;
  WebPPicture& picture = own.picture;
  set_size(picture, pixels.width, pixels.height);
  picture.use_argb = 0;
  const auto import = pixels.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
  if (import(&picture, pixels.data, static_cast<int>(pixels.stride)) == 0) throw Error("E_LIMIT", "out of memory");
  encode(picture, quality, output_);
  return {output_.data(), output_.size()};
}

/// The format has no pictures without chroma.
Span WebpWriter::write_grey(const PixelView& pixels, int quality) {
  YuvImage image;
  image.width = pixels.width;
  image.height = pixels.height;
  image.shift_x = image.shift_y = 1;
  image.strides = {padded_stride(image.width), padded_stride(image.plane_width(1)),
                   padded_stride(image.plane_width(1))};
  const size_t luma_bytes = static_cast<size_t>(image.strides[0]) * static_cast<size_t>(image.height);
  const size_t chroma_bytes = static_cast<size_t>(image.strides[1]) * static_cast<size_t>(image.plane_height(1));
  uint8_t* const luma = planes_.take(luma_bytes + chroma_bytes);
  const RecolorFactors factors = recolor_factors(AVCOL_SPC_SMPTE170M, true, 8, false);
  for (int y = 0; y < image.height; y++) {
    recolor_luma(pixels.row(y), nullptr, static_cast<size_t>(image.width), factors,
                 luma + static_cast<ptrdiff_t>(image.strides[0]) * y);
  }
  constexpr int kNoColour = 128;
  std::memset(luma + luma_bytes, kNoColour, chroma_bytes);
  image.planes = {luma, luma + luma_bytes, luma + luma_bytes};
  return write(image, quality);
}

}  // namespace fp::av
