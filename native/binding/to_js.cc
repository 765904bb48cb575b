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

Napi::Value integer_or_null(Napi::Env env, int64_t value, bool known) {
  return number_or_null(env, static_cast<double>(value), known);
}

/// Key, value, key, value: as names of properties, keys of a stranger's would mean something.
Napi::Array tags_to_js(Napi::Env env, const av::Tags& tags) {
  Napi::Array list = Napi::Array::New(env);
  uint32_t count = 0;
  for (const auto& [key, value] : tags) {
    list.Set(count++, key);
    list.Set(count++, value);
  }
  return list;
}

Napi::Object picture_to_js(Napi::Env env, const av::PictureFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("codedWidth", integer_or_null(env, facts.coded_width, facts.coded_width > 0));
  object.Set("codedHeight", integer_or_null(env, facts.coded_height, facts.coded_height > 0));
  object.Set("width", integer_or_null(env, facts.width, facts.width > 0));
  object.Set("height", integer_or_null(env, facts.height, facts.height > 0));
  object.Set("rotation", seconds_or_null(env, facts.rotation));
  object.Set("pixelFormat", text_or_null(env, facts.pixel_format));
  object.Set("bitDepth", integer_or_null(env, facts.bit_depth, facts.bit_depth > 0));
  object.Set("frameRate", ratio_or_null(env, facts.frame_rate));
  object.Set("pixelAspectRatio", ratio_or_null(env, facts.pixel_aspect_ratio));
  object.Set("colorPrimaries", text_or_null(env, facts.color_primaries));
  object.Set("colorSpace", text_or_null(env, facts.color_space));
  object.Set("colorTransfer", text_or_null(env, facts.color_transfer));
  object.Set("colorRange", text_or_null(env, facts.color_range));
  object.Set("masteringDisplay", env.Null());
  object.Set("contentLight", env.Null());
  object.Set("dolbyVision", env.Null());
  if (facts.mastering) {
    Napi::Object display = Napi::Object::New(env);
    display.Set("minLuminance", facts.mastering->min_luminance);
    display.Set("maxLuminance", facts.mastering->max_luminance);
    object.Set("masteringDisplay", display);
  }
  if (facts.light) {
    Napi::Object light = Napi::Object::New(env);
    light.Set("maxContent", facts.light->max_content);
    light.Set("maxFrameAverage", facts.light->max_frame_average);
    object.Set("contentLight", light);
  }
  if (facts.dolby_vision) {
    Napi::Object vision = Napi::Object::New(env);
    vision.Set("profile", facts.dolby_vision->profile);
    vision.Set("level", facts.dolby_vision->level);
    vision.Set("compatibility", facts.dolby_vision->compatibility);
    object.Set("dolbyVision", vision);
  }
  return object;
}

Napi::Object sound_to_js(Napi::Env env, const av::SoundFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("sampleRate", integer_or_null(env, facts.sample_rate, facts.sample_rate > 0));
  object.Set("numChannels", integer_or_null(env, facts.num_channels, facts.num_channels > 0));
  object.Set("channelLayout", text_or_null(env, facts.channel_layout));
  object.Set("sampleFormat", text_or_null(env, facts.sample_format));
  return object;
}

Napi::Object stream_to_js(Napi::Env env, const av::StreamFacts& facts) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("index", facts.index);
  object.Set("kind", text_or_null(env, facts.kind));
  object.Set("codec", text_or_null(env, facts.codec));
  object.Set("profile", text_or_null(env, facts.profile));
  object.Set("timeBase", ratio_or_null(env, facts.time_base));
  object.Set("beginSeconds", seconds_or_null(env, facts.begin_seconds));
  object.Set("durationSeconds", seconds_or_null(env, facts.duration_seconds));
  object.Set("bitRate", integer_or_null(env, facts.bit_rate, facts.bit_rate >= 0));
  object.Set("numFrames", integer_or_null(env, facts.frames, facts.frames >= 0));
  object.Set("disposition", strings_to_js(env, facts.disposition));
  object.Set("tags", tags_to_js(env, facts.tags));
  object.Set("picture", facts.picture ? picture_to_js(env, *facts.picture).As<Napi::Value>() : env.Null());
  object.Set("sound", facts.sound ? sound_to_js(env, *facts.sound).As<Napi::Value>() : env.Null());
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
  object.Set("peakLuminance", number_or_null(env, info.peak_luminance, info.peak_luminance > 0));
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

Napi::Object to_js(Napi::Env env, const av::ContainerInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("container", info.container);
  object.Set("beginSeconds", seconds_or_null(env, info.begin_seconds));
  object.Set("durationSeconds", seconds_or_null(env, info.duration_seconds));
  object.Set("bitRate", integer_or_null(env, info.bit_rate, info.bit_rate >= 0));
  object.Set("tags", tags_to_js(env, info.tags));
  Napi::Array chapters = Napi::Array::New(env, info.chapters.size());
  for (uint32_t i = 0; i < info.chapters.size(); i++) {
    Napi::Object chapter = Napi::Object::New(env);
    chapter.Set("beginSeconds", seconds_or_null(env, info.chapters[i].begin_seconds));
    chapter.Set("endSeconds", seconds_or_null(env, info.chapters[i].end_seconds));
    chapter.Set("tags", tags_to_js(env, info.chapters[i].tags));
    chapters.Set(i, chapter);
  }
  object.Set("chapters", chapters);
  Napi::Array streams = Napi::Array::New(env, info.streams.size());
  for (uint32_t i = 0; i < info.streams.size(); i++) streams.Set(i, stream_to_js(env, info.streams[i]));
  object.Set("streams", streams);
  return object;
}

}  // namespace fp::binding
