#include "jpeg_writer.h"

#include <turbojpeg.h>

#include <algorithm>
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

Span JpegWriter::write(const YuvImage& image, int quality) {
  const int subsampling = image.shift_y == 1 ? TJSAMP_420 : image.shift_x == 1 ? TJSAMP_422 : TJSAMP_444;
  unsigned long bytes = most_bytes(image.width, image.height, subsampling);
  unsigned char* to = output_.take(bytes);
  const unsigned char* planes[3] = {image.planes[0], image.planes[1], image.planes[2]};
  const int result = tjCompressFromYUVPlanes(handle(), planes, image.width, image.strides.data(), image.height,
                                             subsampling, &to, &bytes, quality, kFlags);
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
