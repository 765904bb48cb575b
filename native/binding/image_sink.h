// Encoded pictures as JavaScript's.
#pragma once

#include "../av/image_encoder.h"
#include "napi_setup.h"

namespace fp::binding {

/// Puts the Uint8Array of each target, over memory of its own, at its place in a list; what is skipped leaves a hole.
class ImageSink : public av::ImageSink {
 public:
  ImageSink(av::ImageEncoder& encoder, const av::ImageSpec& spec, Napi::Array images);
  void repeat(size_t at) override;
  void skip(size_t at) override;

 protected:
  void take(const av::EncodedImage& image, size_t at) override;

 private:
  void put_bytes(av::Span bytes, size_t at);

  Napi::Array images_;
};

}  // namespace fp::binding
