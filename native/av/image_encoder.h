// Decoded pictures as files: JPEG, PNG, WebP.
#pragma once

#include "converter.h"
#include "frame_sink.h"
#include "jpeg_writer.h"
#include "png_writer.h"
#include "webp_writer.h"
#include "yuv_image.h"

namespace fp::av {

enum class ImageFormat : uint8_t { kJpeg, kPng, kWebp };

struct ImageSpec {
  ImageFormat format = ImageFormat::kJpeg;
  int quality = 90;   ///< 1 to 100; PNG has none
  OutputSpec pixels;  ///< what is encoded: uint8, NHWC, not native
};

/// The bytes lie in the encoder until its next picture.
struct EncodedImage {
  Span bytes;
  int width;
  int height;
};

/// Keeps scalers, encoders and scratch memory between pictures. One thread.
class ImageEncoder {
 public:
  EncodedImage encode(const AVFrame& frame, const ImageSpec& spec);

 private:
  bool encode_planes(const AVFrame& frame, const ImageSpec& spec, EncodedImage& image);

  Converter converter_;
  YuvConverter yuv_;
  JpegWriter jpeg_;
  PngWriter png_;
  WebpWriter webp_;
  Scratch pixels_;
};

/// Hands each picture of a request on as a file.
class ImageSink : public FrameSink {
 public:
  ImageSink(ImageEncoder& encoder, ImageSpec spec);
  void put(const AVFrame& frame, const Orientation& orientation, size_t at, bool given_up) override;

 protected:
  virtual void take(const EncodedImage& image, size_t at) = 0;

 private:
  ImageEncoder& encoder_;
  ImageSpec spec_;
};

}  // namespace fp::av
