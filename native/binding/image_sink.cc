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

}  // namespace fp::binding
