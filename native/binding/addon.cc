// Module registration.
#include "../av/heap.h"
#include "../av/log.h"
#include "audio_reader.h"
#include "container_reader.h"
#include "media_reader.h"
#include "throw_js.h"
#include "to_js.h"

namespace fp::binding {

namespace {

/// nativeLayout(pixelFormat, width, height): { bytes, planes }
Napi::Value js_native_layout(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const AVPixelFormat format = av_get_pix_fmt(info[0].As<Napi::String>().Utf8Value().c_str());
    return native_layout(info.Env(), format, info[1].As<Napi::Number>().Int32Value(),
                         info[2].As<Napi::Number>().Int32Value());
  });
}

/// trimHeap(bytes)
Napi::Value js_trim_heap(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    av::trim_heap(info[0].As<Napi::Number>().Int64Value());
    return info.Env().Undefined();
  });
}

}  // namespace

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  av::install_log_callback();
  exports.Set("MediaReader", MediaReader::define(env));
  exports.Set("AudioReader", AudioReader::define(env));
  exports.Set("ContainerReader", ContainerReader::define(env));
  exports.Set("trimHeap", Napi::Function::New(env, js_trim_heap, "trimHeap"));
  exports.Set("nativeLayout", Napi::Function::New(env, js_native_layout, "nativeLayout"));
  exports.Set("ffmpegVersion", Napi::String::New(env, av_version_info()));
  exports.Set("ffmpegConfiguration", Napi::String::New(env, avcodec_configuration()));
  exports.Set("ffmpegLicense", Napi::String::New(env, avcodec_license()));
  return exports;
}

}  // namespace fp::binding

using fp::binding::init;
NODE_API_MODULE(framepool, init)
