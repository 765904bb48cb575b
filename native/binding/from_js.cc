#include "from_js.h"

#include "channel_source.h"
#include "system_file.h"

namespace fp::binding {

int32_t integer(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Int32Value();
}

int64_t long_integer(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Int64Value();
}

av::DemuxerOptions demuxer_options(const Napi::Object& options) {
  av::DemuxerOptions result;
  result.stream_index = integer(options, "streamIndex");
  result.limits.max_pixels = long_integer(options, "maxPixels");
  result.limits.max_streams = integer(options, "maxStreams");
  result.limits.max_index_packets = integer(options, "maxIndexPackets");
  result.limits.formats = options.Get("formats").As<Napi::String>().Utf8Value();
  result.limits.codecs = options.Get("codecs").As<Napi::String>().Utf8Value();
  return result;
}

void expect_length(size_t length, size_t expected, const char* name) {
  if (length != expected) throw av::Error("E_INTERNAL", std::string(name) + " has the wrong length");
}

std::unique_ptr<av::ByteSource> open_source(const Napi::Object& source) {
  if (source.Has("path")) {
    const Napi::Value path = source.Get("path");
    if (path.IsString()) return std::make_unique<av::FileSource>(path.As<Napi::String>().Utf8Value());
    const auto bytes = path.As<Napi::Uint8Array>();
    return std::make_unique<av::FileSource>(std::string(bytes.Data(), bytes.Data() + bytes.ElementLength()));
  }
  if (source.Has("descriptor")) return std::make_unique<av::FileSource>(system_file(integer(source, "descriptor")));
  if (source.Has("read")) return std::make_unique<ChannelSource>(source);
  const auto bytes = array<Napi::Uint8Array>(source, "bytes");
  return std::make_unique<av::MemorySource>(bytes.Data(), static_cast<int64_t>(bytes.ElementLength()));
}

void supply(av::ByteSource& source, const Napi::Object& input) {
  auto* channel = dynamic_cast<ChannelSource*>(&source);
  if (channel == nullptr) throw av::Error("E_INTERNAL", "this reader needs no bytes from JavaScript");
  channel->supply(input);
}

Napi::Value identity_of(Napi::Env env, const av::ByteSource& source) {
  const auto* file = dynamic_cast<const av::FileSource*>(&source);
  if (file == nullptr) return env.Null();
  const av::FileIdentity& id = file->identity();
  auto numbers = Napi::Object::New(env);
  numbers.Set("dev", Napi::BigInt::New(env, id.device));
  numbers.Set("ino", Napi::BigInt::New(env, id.inode));
  numbers.Set("size", Napi::BigInt::New(env, id.size));
  numbers.Set("mtimeNs", Napi::BigInt::New(env, id.modified_ns));
  return numbers;
}

av::Cancel cancel_of(const Napi::CallbackInfo& info, size_t first) {
  auto flags = info[first].As<Napi::Int32Array>();
  const auto place = info[first + 1].As<Napi::Number>().Uint32Value();
  if (place >= flags.ElementLength()) throw av::Error("E_INTERNAL", "no such cancel flag");
  return {flags.Data() + place, info[first + 2].As<Napi::Number>().Int32Value()};
}

}  // namespace fp::binding
