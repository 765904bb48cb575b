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

/// Hands each picture to a function, `write(bytes, length, at)`, and puts what that returns at the target's place in a
/// list. The bytes lie in memory that the next picture overwrites. What the function throws ends the request.
class WritingSink : public av::ImageSink {
 public:
  WritingSink(av::ImageEncoder& encoder, const av::ImageSpec& spec, Napi::Array images, Napi::Function write);
  void repeat(size_t at) override;
  void skip(size_t at) override;

 protected:
  void take(const av::EncodedImage& image, size_t at) override;

 private:
  Napi::Array images_;
  Napi::Function write_;
  Napi::Reference<Napi::Uint8Array> memory_;
};

}  // namespace fp::binding
