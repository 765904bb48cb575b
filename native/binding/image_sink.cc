#include "image_sink.h"

#include <cstring>

namespace fp::binding {

ImageSink::ImageSink(av::ImageEncoder& encoder, const av::ImageSpec& spec, Napi::Array images)
    : av::ImageSink(encoder, spec), images_(images) {}

void ImageSink::take(const av::EncodedImage& image, size_t at) { put_bytes(image.bytes, at); }

void ImageSink::repeat(size_t at) {
  const Napi::HandleScope scope(images_.Env());
  const auto before = images_.Get(static_cast<uint32_t>(at - 1)).As<Napi::Uint8Array>();
  put_bytes({before.Data(), before.ElementLength()}, at);
}

void ImageSink::skip(size_t) {}

void ImageSink::put_bytes(av::Span bytes, size_t at) {
  const Napi::HandleScope scope(images_.Env());
  auto array = Napi::Uint8Array::New(images_.Env(), bytes.size);
  std::memcpy(array.Data(), bytes.data, bytes.size);
  images_.Set(static_cast<uint32_t>(at), array);
}

WritingSink::WritingSink(av::ImageEncoder& encoder, const av::ImageSpec& spec, Napi::Array images, Napi::Function write)
    : av::ImageSink(encoder, spec), images_(images), write_(write) {}

void WritingSink::take(const av::EncodedImage& image, size_t at) {
  const Napi::Env env = images_.Env();
  const Napi::HandleScope scope(env);
  const size_t size = image.bytes.size;
  // Not all runtimes let JavaScript see the encoder's own memory.
  if (memory_.IsEmpty() || memory_.Value().ElementLength() < size) {
    memory_ = Napi::Persistent(Napi::Uint8Array::New(env, size + size / 2));
  }
  Napi::Uint8Array memory = memory_.Value();
  std::memcpy(memory.Data(), image.bytes.data, size);
  images_.Set(static_cast<uint32_t>(at), write_.Call({memory, Napi::Number::New(env, static_cast<double>(size)),
                                                      Napi::Number::New(env, static_cast<double>(at))}));
}

void WritingSink::repeat(size_t at) {
  const Napi::HandleScope scope(images_.Env());
  const Napi::Value before = images_.Get(static_cast<uint32_t>(at - 1));
  images_.Set(static_cast<uint32_t>(at), before);
}

void WritingSink::skip(size_t) {}

}  // namespace fp::binding
