#include "image_encoder.h"

#include <utility>

namespace fp::av {

EncodedImage ImageEncoder::encode(const AVFrame& frame, const ImageSpec& spec) {
  EncodedImage image{};
  if (encode_planes(frame, spec, image)) return image;
  const OutputSpec& pixels = spec.pixels;
  image.width = pixels.steps.empty() ? pixels.width : pixels.steps.back().width;
  image.height = pixels.steps.empty() ? pixels.height : pixels.steps.back().height;
  uint8_t* const memory = pixels_.take(pixels.frame_bytes);
  converter_.convert(frame, pixels, memory);
  const int channels = channels_of(pixels.format);
  const PixelView view{memory,   image.width, image.height, static_cast<ptrdiff_t>(image.width) * channels,
                       channels, false};
  switch (spec.format) {
    case ImageFormat::kJpeg:
      image.bytes = jpeg_.write(view, spec.quality);
      break;
    case ImageFormat::kPng:
      image.bytes = png_.write(view);
      break;
    case ImageFormat::kWebp:
      image.bytes = webp_.write(view, spec.quality);
      break;
  }
  pixels_.free_huge();
  return image;
}

/// Without a way over RGB, where the picture is only scaled and turned. False where it has to go there.
bool ImageEncoder::encode_planes(const AVFrame& frame, const ImageSpec& spec, EncodedImage& image) {
  const OutputSpec& pixels = spec.pixels;
  const bool scales_only =
      pixels.steps.empty() || (pixels.steps.size() == 1 && pixels.steps[0].kind == StepKind::kResize);
  if (spec.format == ImageFormat::kPng || pixels.format != PixelFormat::kRgb24 || !scales_only) return false;
  if (pixels.maps(frame)) return false;
  const auto format = static_cast<AVPixelFormat>(frame.format);
  if (!YuvConverter::can(format, pixels.orientation)) return false;
  const bool jpeg = spec.format == ImageFormat::kJpeg;
  // WebP knows nothing finer.
  if (!jpeg && av_pix_fmt_desc_get(format)->log2_chroma_h == 0) return false;
  image.width = pixels.steps.empty() ? pixels.width : pixels.steps[0].width;
  image.height = pixels.steps.empty() ? pixels.height : pixels.steps[0].height;
  const YuvImage planes = yuv_.convert(frame, {image.width, image.height, pixels.orientation, jpeg});
  image.bytes = jpeg ? jpeg_.write(planes, spec.quality) : webp_.write(planes, spec.quality);
  return true;
}

ImageSink::ImageSink(ImageEncoder& encoder, ImageSpec spec) : encoder_(encoder), spec_(std::move(spec)) {}

void ImageSink::put(const AVFrame& frame, const Orientation& orientation, size_t at, bool given_up) {
  spec_.pixels.orientation = orientation;
  spec_.pixels.given_up = given_up;
  take(encoder_.encode(frame, spec_), at);
}

}  // namespace fp::av
