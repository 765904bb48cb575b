#include "audio_reader.h"

#include "from_js.h"
#include "throw_js.h"
#include "to_js.h"

namespace fp::binding {

namespace {

av::AudioOptions audio_options(const Napi::Object& options) {
  av::AudioOptions result;
  result.demuxer = demuxer_options(options);
  result.sample_rate = integer(options, "sampleRate");
  result.num_channels = integer(options, "numChannels");
  result.approximate = options.Get("approximate").As<Napi::Boolean>().Value();
  result.skip_damage = options.Get("skipDamage").As<Napi::Boolean>().Value();
  result.fill_gaps = options.Get("fillGaps").As<Napi::Boolean>().Value();
  return result;
}

}  // namespace

Napi::Function AudioReader::define(Napi::Env env) {
  return DefineClass(env, "AudioReader",
                     {InstanceMethod("begin", &AudioReader::begin), InstanceMethod("supply", &AudioReader::supply),
                      InstanceMethod("identity", &AudioReader::identity),
                      InstanceMethod("info", &AudioReader::stream_info), InstanceMethod("decode", &AudioReader::decode),
                      InstanceMethod("take", &AudioReader::take), InstanceMethod("logTail", &AudioReader::log_tail),
                      InstanceMethod("logAll", &AudioReader::log_all), InstanceMethod("close", &AudioReader::close)});
}

AudioReader::AudioReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<AudioReader>(info) {
  guarded(info.Env(), [&] {
    const auto source = info[0].As<Napi::Object>();
    if (source.Has("bytes")) source_bytes_ = Napi::Persistent(array<Napi::Uint8Array>(source, "bytes"));
    reader_ = std::make_unique<av::AudioReader>(open_source(source), audio_options(info[1].As<Napi::Object>()),
                                                take_cancel(info, 2), info[5].As<Napi::Boolean>().Value());
  });
}

av::AudioReader& AudioReader::reader() {
  if (!reader_) throw av::Error("E_CLOSED", "the reader is closed");
  return *reader_;
}

av::Cancel AudioReader::take_cancel(const Napi::CallbackInfo& info, size_t first) {
  const av::Cancel cancel = cancel_of(info, first);
  cancel_flags_ = Napi::Persistent(info[first].As<Napi::Int32Array>());
  return cancel;
}

/// begin(flags: Int32Array, place, ticket, keepLog): a job starts; it is cancelled once flags[place] is its ticket.
Napi::Value AudioReader::begin(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    reader().begin(take_cancel(info, 0), info[3].As<Napi::Boolean>().Value());
    return info.Env().Undefined();
  });
}

/// supply({ data, positions, pieces }): the bytes that a job brings, for a reader whose bytes JavaScript fetches.
Napi::Value AudioReader::supply(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    binding::supply(reader().source(), info[0].As<Napi::Object>());
    return info.Env().Undefined();
  });
}

Napi::Value AudioReader::identity(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return identity_of(info.Env(), reader().source()); });
}

Napi::Value AudioReader::stream_info(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), reader().info()); });
}

/// decode(begin, end, maxBytes): { count, begin, next, ended, skipped, skippedBehind }
Napi::Value AudioReader::decode(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const av::SampleRange range{info[0].As<Napi::Number>().Int64Value(), info[1].As<Napi::Number>().Int64Value()};
    decoded_ = 0;
    const av::RangeResult result = reader().decode(range, info[2].As<Napi::Number>().Int64Value());
    decoded_ = result.count * reader().info().output_channels;
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("count", static_cast<double>(result.count));
    object.Set("begin", static_cast<double>(result.begin));
    object.Set("next", static_cast<double>(result.next));
    object.Set("ended", result.ended);
    object.Set("skipped", static_cast<double>(result.skipped));
    object.Set("skippedBehind", static_cast<double>(result.skipped_behind));
    return object;
  });
}

/// take(target: Float32Array): what decode() made, a row for each channel.
Napi::Value AudioReader::take(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto target = info[0].As<Napi::Float32Array>();
    expect_length(target.ElementLength(), static_cast<size_t>(decoded_), "the target");
    reader().take(target.Data());
    decoded_ = 0;
    return info.Env().Undefined();
  });
}

Napi::Value AudioReader::log_tail(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), reader().log().tail()); });
}

Napi::Value AudioReader::log_all(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), reader().log().all()); });
}

Napi::Value AudioReader::close(const Napi::CallbackInfo& info) {
  reader_.reset();
  source_bytes_.Reset();
  cancel_flags_.Reset();
  return info.Env().Undefined();
}

}  // namespace fp::binding
