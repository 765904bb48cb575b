// FFmpeg-side structs as JavaScript objects.
#pragma once

#include "../av/audio_reader.h"
#include "../av/container.h"
#include "../av/stream_info.h"
#include "napi_setup.h"

namespace fp::binding {

Napi::Array strings_to_js(Napi::Env env, const std::vector<std::string>& lines);
Napi::Object to_js(Napi::Env env, const av::StreamInfo& info);
Napi::Object to_js(Napi::Env env, const av::AudioInfo& info);
Napi::Object to_js(Napi::Env env, const av::ContainerInfo& info);
/// { bytes, planes: [{ offset, stride, width, height }] }
Napi::Object native_layout(Napi::Env env, AVPixelFormat format, int width, int height);

}  // namespace fp::binding
