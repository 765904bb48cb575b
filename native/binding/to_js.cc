#include "to_js.h"

#include <cmath>

namespace fp::binding {

namespace {

Napi::Value number_or_null(Napi::Env env, double value, bool known) {
  return known ? Napi::Number::New(env, value).As<Napi::Value>() : env.Null();
}

Napi::Value seconds_or_null(Napi::Env env, double value) { return number_or_null(env, value, !std::isnan(value)); }

Napi::Value text_or_null(Napi::Env env, const std::string& text) {
  return text.empty() ? env.Null() : Napi::String::New(env, text).As<Napi::Value>();
}

Napi::Value ratio_or_null(Napi::Env env, AVRational ratio) {
  if (ratio.num <= 0 || ratio.den <= 0) return env.Null();
  Napi::Object object = Napi::Object::New(env);
  object.Set("num", ratio.num);
  object.Set("den", ratio.den);
  return object;
}

}  // namespace

Napi::Array strings_to_js(Napi::Env env, const std::vector<std::string>& lines) {
  Napi::Array list = Napi::Array::New(env, lines.size());
  for (uint32_t i = 0; i < lines.size(); i++) list.Set(i, lines[i]);
  return list;
}

Napi::Object native_layout(Napi::Env env, AVPixelFormat format, int width, int height) {
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("bytes", static_cast<double>(av::native_bytes(format, width, height)));
  Napi::Array list = Napi::Array::New(env);
  uint32_t count = 0;
  for (const av::PlaneLayout& plane : av::native_planes(format, width, height)) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("offset", static_cast<double>(plane.offset));
    object.Set("stride", plane.stride);
    object.Set("width", plane.width);
    object.Set("height", plane.height);
    list.Set(count++, object);
  }
  layout.Set("planes", list);
  return layout;
}

Napi::Object to_js(Napi::Env env, const av::StreamInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("streamIndex", info.stream_index);
  object.Set("codec", info.codec);
  object.Set("container", info.container);
  object.Set("pixelFormat", text_or_null(env, info.pixel_format));
  object.Set("codedWidth", info.coded_width);
  object.Set("codedHeight", info.coded_height);
  object.Set("width", info.width);
  object.Set("height", info.height);
  object.Set("rotation", seconds_or_null(env, info.rotation));
  object.Set("timeBase", ratio_or_null(env, info.time_base));
  object.Set("frameRate", ratio_or_null(env, info.frame_rate));
  object.Set("pixelAspectRatio", ratio_or_null(env, info.pixel_aspect_ratio));
  object.Set("durationSeconds", seconds_or_null(env, info.duration_seconds));
  object.Set("beginSeconds", seconds_or_null(env, info.begin_seconds));
  object.Set("containerDurationSeconds", seconds_or_null(env, info.container_duration_seconds));
  object.Set("numFrames", number_or_null(env, static_cast<double>(info.frames), info.frames >= 0));
  object.Set("bitRate", number_or_null(env, static_cast<double>(info.bit_rate), info.bit_rate >= 0));
  object.Set("colorPrimaries", text_or_null(env, info.color_primaries));
  object.Set("colorSpace", text_or_null(env, info.color_space));
  object.Set("colorTransfer", text_or_null(env, info.color_transfer));
  object.Set("colorRange", text_or_null(env, info.color_range));
  object.Set("indexIsCheap", info.index_is_cheap);
  object.Set("native", info.format == AV_PIX_FMT_NONE
                           ? env.Null()
                           : native_layout(env, info.format, info.coded_width, info.coded_height).As<Napi::Value>());
  return object;
}

Napi::Object to_js(Napi::Env env, const av::AudioInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("streamIndex", info.stream_index);
  object.Set("codec", info.codec);
  object.Set("container", info.container);
  object.Set("sampleFormat", text_or_null(env, info.sample_format));
  object.Set("channelLayout", text_or_null(env, info.channel_layout));
  object.Set("sampleRate", info.sample_rate);
  object.Set("numChannels", info.num_channels);
  object.Set("timeBase", ratio_or_null(env, info.time_base));
  object.Set("durationSeconds", seconds_or_null(env, info.duration_seconds));
  object.Set("beginSeconds", seconds_or_null(env, info.begin_seconds));
  object.Set("containerDurationSeconds", seconds_or_null(env, info.container_duration_seconds));
  object.Set("bitRate", number_or_null(env, static_cast<double>(info.bit_rate), info.bit_rate >= 0));
  object.Set("firstSeconds", info.first_seconds);
  object.Set("outputRate", info.output_rate);
  object.Set("outputChannels", info.output_channels);
  return object;
}

}  // namespace fp::binding
