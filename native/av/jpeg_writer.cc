#include "jpeg_writer.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "error.h"

namespace fp::av {

namespace {

/// libjpeg's, a little less than what the format has room for.
constexpr int kLongestSide = 65500;

/// The fast DCT is hardly faster and loses more.
constexpr int kFlags = TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT;

size_t most_bytes(int width, int height, int subsampling) {
  if (std::max(width, height) > kLongestSide) {
    throw Error("E_LIMIT", "a JPEG holds at most " + std::to_string(kLongestSide) + " pixels a side");
  }
  return tjBufSize(width, height, subsampling);
}

}  // namespace

void JpegWriter::Destroy::operator()(void* handle) const { tjDestroy(handle); }

void* JpegWriter::handle() {
  if (!handle_) handle_.reset(tjInitCompress());
  if (!handle_) throw Error("E_LIMIT", "out of memory");
  return handle_.get();
}

/// TurboJPEG takes luma in pairs where chroma is halved, also of a last column or row that is none: these are given
/// another one like it.
void JpegWriter::pair_luma(YuvImage& image) {
  const int width = image.plane_width(1) << image.shift_x;
  const int height = image.plane_height(1) << image.shift_y;
  if (width == image.width && height == image.height) return;
  const auto stride = static_cast<size_t>(width);
  const auto present = static_cast<size_t>(image.width);
  uint8_t* const luma = luma_.take(stride * static_cast<size_t>(height));
  for (int y = 0; y < height; y++) {
    const uint8_t* const from =
        image.planes[0] + static_cast<ptrdiff_t>(image.strides[0]) * std::min(y, image.height - 1);
    uint8_t* const to = luma + stride * static_cast<size_t>(y);
    std::memcpy(to, from, present);
    if (present < stride) to[present] = from[present - 1];
  }
  image.planes[0] = luma;
  image.strides[0] = width;
}

Span JpegWriter::write(YuvImage image, int quality) {
  const int subsampling = image.shift_y == 1 ? TJSAMP_420 : image.shift_x == 1 ? TJSAMP_422 : TJSAMP_444;
  unsigned long bytes = most_bytes(image.width, image.height, subsampling);
  unsigned char* to = output_.take(bytes);
  pair_luma(image);
  const unsigned char* planes[3] = {image.planes[0], image.planes[1], image.planes[2]};
  const int result = tjCompressFromYUVPlanes(handle(), planes, image.width, image.strides.data(), image.height,
                                             subsampling, &to, &bytes, quality, kFlags);
  luma_.free_huge();
  return finished(result, bytes);
}

Span JpegWriter::write(const PixelView& pixels, int quality) {
  const int subsampling = pixels.channels == 1 ? TJSAMP_GRAY : TJSAMP_420;
  const int format = pixels.channels == 1 ? TJPF_GRAY : pixels.channels == 3 ? TJPF_RGB : TJPF_RGBX;
  unsigned long bytes = most_bytes(pixels.width, pixels.height, subsampling);
  unsigned char* to = output_.take(bytes);
  const int result = tjCompress2(handle(), pixels.data, pixels.width, static_cast<int>(pixels.stride), pixels.height,
                                 format, &to, &bytes, subsampling, quality, kFlags);
  return finished(result, bytes);
}

Span JpegWriter::finished(int result, unsigned long bytes) {
  if (result != 0) throw Error("E_INTERNAL", std::string("encode a JPEG: ") + tjGetErrorStr2(handle_.get()));
  return {output_.take(0), bytes};
}

}  // namespace fp::av
