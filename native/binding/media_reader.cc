#include "media_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "../av/row_sink.h"
#include "from_js.h"
#include "image_sink.h"
#include "throw_js.h"
#include "to_js.h"

namespace fp::binding {

namespace {

/// Seven numbers a step: kind, width, height, x, y, flag, and the fill's bytes, the first channel's lowest.
std::vector<av::Step> steps_of(const Napi::Int32Array& numbers) {
  constexpr size_t kEach = 7;
  if (numbers.ElementLength() % kEach != 0) throw av::Error("E_INTERNAL", "the steps have the wrong length");
  std::vector<av::Step> steps;
  for (const int32_t* at = numbers.Data(); at < numbers.Data() + numbers.ElementLength(); at += kEach) {
    av::Step step;
    step.kind = static_cast<av::StepKind>(at[0]);
    step.width = at[1];
    step.height = at[2];
    step.x = at[3];
    step.y = at[4];
    step.flag = at[5] != 0;
    const auto fill = static_cast<uint32_t>(at[6]);
    for (size_t i = 0; i < step.fill.size(); i++) step.fill[i] = static_cast<uint8_t>(fill >> (8 * i));
    steps.push_back(step);
  }
  return steps;
}

/// None, or `length` of them.
std::vector<float> floats_of(const Napi::Object& object, const char* name, size_t length) {
  const auto values = array<Napi::Float32Array>(object, name);
  if (values.ElementLength() != 0) expect_length(values.ElementLength(), length, name);
  return {values.Data(), values.Data() + values.ElementLength()};
}

}  // namespace

Napi::Function MediaReader::define(Napi::Env env) {
  return DefineClass(
      env, "MediaReader",
      {InstanceMethod("begin", &MediaReader::begin), InstanceMethod("supply", &MediaReader::supply),
       InstanceMethod("identity", &MediaReader::identity), InstanceMethod("info", &MediaReader::stream_info),
       InstanceMethod("buildIndex", &MediaReader::build_index), InstanceMethod("takeIndex", &MediaReader::take_index),
       InstanceMethod("saveIndex", &MediaReader::save_index),
       InstanceMethod("restoreIndex", &MediaReader::restore_index), InstanceMethod("useIndex", &MediaReader::use_index),
       InstanceMethod("readPackets", &MediaReader::read_packets), InstanceMethod("decode", &MediaReader::decode),
       InstanceMethod("decodeTimes", &MediaReader::decode_times), InstanceMethod("logTail", &MediaReader::log_tail),
       InstanceMethod("logAll", &MediaReader::log_all), InstanceMethod("takeStats", &MediaReader::take_stats),
       InstanceMethod("close", &MediaReader::close)});
}

MediaReader::MediaReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<MediaReader>(info) {
  guarded(info.Env(), [&] {
    const auto source = info[0].As<Napi::Object>();
    if (source.Has("bytes")) source_bytes_ = Napi::Persistent(array<Napi::Uint8Array>(source, "bytes"));
    reader_ = std::make_unique<av::Reader>(open_source(source), demuxer_options(info[1].As<Napi::Object>()),
                                           take_cancel(info, 2), info[5].As<Napi::Boolean>().Value());
  });
}

av::Reader& MediaReader::reader(Napi::Env) {
  if (!reader_) throw av::Error("E_CLOSED", "the reader is closed");
  return *reader_;
}

av::Cancel MediaReader::take_cancel(const Napi::CallbackInfo& info, size_t first) {
  const av::Cancel cancel = cancel_of(info, first);
  cancel_flags_ = Napi::Persistent(info[first].As<Napi::Int32Array>());
  return cancel;
}

/// begin(flags: Int32Array, place, ticket, keepLog): a job starts; it is cancelled once flags[place] is its ticket.
Napi::Value MediaReader::begin(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    reader(info.Env()).begin(take_cancel(info, 0), info[3].As<Napi::Boolean>().Value());
    return info.Env().Undefined();
  });
}

/// supply({ data, positions, pieces }): the bytes that a job brings, for a reader whose bytes JavaScript fetches.
Napi::Value MediaReader::supply(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    binding::supply(reader(info.Env()).source(), info[0].As<Napi::Object>());
    return info.Env().Undefined();
  });
}

/// What tells this version of the file from another, as a string; null for bytes in memory.
Napi::Value MediaReader::identity(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return identity_of(info.Env(), reader(info.Env()).source()); });
}

Napi::Value MediaReader::stream_info(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), reader(info.Env()).info()); });
}

/// Returns the number of bytes that takeIndex() will write.
Napi::Value MediaReader::build_index(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    built_ = reader(info.Env()).build_index();
    return Napi::Number::New(info.Env(), static_cast<double>(av::IndexView::bytes(built_)));
  });
}

Napi::Value MediaReader::take_index(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    auto target = info[0].As<Napi::Uint8Array>();
    expect_length(target.ElementLength(), av::IndexView::bytes(built_), "the index");
    av::IndexView::write(built_, reader(info.Env()).info().time_base, target.Data());
    built_ = {};
    return info.Env().Undefined();
  });
}

/// The index in use as bytes to keep.
Napi::Value MediaReader::save_index(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const std::vector<uint8_t> saved = reader(info.Env()).save_index();
    auto bytes = Napi::Uint8Array::New(info.Env(), saved.size());
    std::copy(saved.begin(), saved.end(), bytes.Data());
    return bytes;
  });
}

/// restoreIndex(bytes): the number of bytes that takeIndex() will write.
Napi::Value MediaReader::restore_index(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto saved = info[0].As<Napi::Uint8Array>();
    built_ = reader(info.Env()).restore_index({saved.Data(), saved.ElementLength()});
    return Napi::Number::New(info.Env(), static_cast<double>(av::IndexView::bytes(built_)));
  });
}

Napi::Value MediaReader::use_index(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto bytes = info[0].As<Napi::Uint8Array>();
    reader(info.Env()).use_index(av::IndexView(bytes.Data(), bytes.ElementLength()));
    index_bytes_ = Napi::Persistent(bytes);
    return info.Env().Undefined();
  });
}

/// readPackets(packets: Int32Array): { data, durations }, by packet.
Napi::Value MediaReader::read_packets(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto packets = info[0].As<Napi::Int32Array>();
    const size_t count = packets.ElementLength();
    auto data = Napi::Array::New(info.Env(), count);
    auto durations = Napi::BigInt64Array::New(info.Env(), count);
    uint32_t row = 0;
    reader(info.Env()).read_packets(packets.Data(), count, [&](const AVPacket& packet) {
      const auto size = static_cast<size_t>(packet.size);
      auto bytes = Napi::Uint8Array::New(info.Env(), size);
      std::copy_n(packet.data, size, bytes.Data());
      durations[row] = packet.duration;
      data.Set(row++, bytes);
    });
    auto result = Napi::Object::New(info.Env());
    result.Set("data", data);
    result.Set("durations", durations);
    return result;
  });
}

av::OutputSpec MediaReader::output_spec(const Napi::Object& request) {
  av::OutputSpec spec;
  spec.format = static_cast<av::PixelFormat>(integer(request, "format"));
  spec.samples.type = static_cast<av::SampleType>(integer(request, "type"));
  spec.samples.layout = static_cast<av::Layout>(integer(request, "layout"));
  spec.width = integer(request, "width");
  spec.height = integer(request, "height");
  spec.frame_bytes = static_cast<size_t>(long_integer(request, "frameBytes"));
  if (spec.format == av::PixelFormat::kNative) {
    spec.native = av_get_pix_fmt(request.Get("nativeFormat").As<Napi::String>().Utf8Value().c_str());
    return spec;
  }
  spec.orientation = reader_->info().orientation;
  if (spec.width <= 0 || spec.height <= 0) throw av::Error("E_INTERNAL", "the output has no size");
  spec.tone_map_peak = integer(request, "toneMapPeak");
  spec.steps = steps_of(array<Napi::Int32Array>(request, "steps"));
  av::check_steps(spec.steps, spec.width, spec.height);
  const auto channels = static_cast<size_t>(av::channels_of(spec.format));
  spec.samples.mean = floats_of(request, "mean", channels);
  spec.samples.deviation = floats_of(request, "std", spec.samples.mean.size());
  const int width = spec.steps.empty() ? spec.width : spec.steps.back().width;
  const int height = spec.steps.empty() ? spec.height : spec.steps.back().height;
  const size_t expected =
      static_cast<size_t>(width) * static_cast<size_t>(height) * channels * av::bytes_of(spec.samples.type);
  expect_length(spec.frame_bytes, expected, "a frame of the output");
  return spec;
}

/// Into rows of `output`, or, where the request has `images`, as files of `imageFormat` into that list, what `write`
/// makes of them where it has that.
std::unique_ptr<av::FrameSink> MediaReader::sink_of(const Napi::Object& request, size_t count) {
  av::OutputSpec spec = output_spec(request);
  if (request.Has("images")) {
    if (spec.format == av::PixelFormat::kNative || spec.samples.type != av::SampleType::kUint8 ||
        spec.samples.layout != av::Layout::kNhwc) {
      throw av::Error("E_INTERNAL", "images are made of interleaved bytes");
    }
    const av::ImageSpec image{static_cast<av::ImageFormat>(integer(request, "imageFormat")),
                              integer(request, "quality"), std::move(spec)};
    if (!encoder_) encoder_ = std::make_unique<av::ImageEncoder>();
    const auto images = request.Get("images").As<Napi::Array>();
    if (!request.Has("write")) return std::make_unique<ImageSink>(*encoder_, image, images);
    return std::make_unique<WritingSink>(*encoder_, image, images, request.Get("write").As<Napi::Function>());
  }
  auto rows = array<Napi::Int32Array>(request, "rows");
  auto output = array<Napi::Uint8Array>(request, "output");
  expect_length(rows.ElementLength(), count, "rows");
  const av::RowSink::Rows where{rows.Data(), count, output.Data(), output.ElementLength()};
  if (!converter_) converter_ = std::make_unique<av::Converter>();
  return std::make_unique<av::RowSink>(*converter_, std::move(spec), where);
}

Napi::Value MediaReader::decode(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    av::Reader& target = reader(info.Env());
    const auto request = info[0].As<Napi::Object>();
    auto targets = array<Napi::Int32Array>(request, "targets");
    auto status = array<Napi::Uint8Array>(request, "status");
    auto delivered = array<Napi::Int32Array>(request, "delivered");
    av::DecodeRequest native{};
    native.count = targets.ElementLength();
    expect_length(status.ElementLength(), native.count, "status");
    expect_length(delivered.ElementLength(), native.count, "delivered");
    native.targets = targets.Data();
    const auto sink = sink_of(request, native.count);
    native.sink = sink.get();
    native.on_error = static_cast<av::OnError>(integer(request, "onError"));
    native.more_follows = request.Get("moreFollows").As<Napi::Boolean>().Value();
    native.status = status.Data();
    native.delivered = delivered.Data();
    target.use_threads(integer(request, "threads"));
    target.decode(native);
    return info.Env().Undefined();
  });
}

Napi::Value MediaReader::decode_times(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    av::Reader& target = reader(info.Env());
    const auto request = info[0].As<Napi::Object>();
    auto targets = array<Napi::BigInt64Array>(request, "targets");
    auto pts = array<Napi::BigInt64Array>(request, "pts");
    auto duration = array<Napi::BigInt64Array>(request, "duration");
    auto status = array<Napi::Uint8Array>(request, "status");
    av::DecodeTimesRequest native{};
    native.count = targets.ElementLength();
    expect_length(pts.ElementLength(), native.count, "pts");
    expect_length(duration.ElementLength(), native.count, "duration");
    native.targets = targets.Data();
    const auto sink = sink_of(request, native.count);
    native.sink = sink.get();
    expect_length(status.ElementLength(), native.count, "status");
    native.on_error = static_cast<av::OnError>(integer(request, "onError"));
    native.tolerance = request.Get("tolerance").As<Napi::Number>().Int64Value();
    native.status = status.Data();
    native.pts = pts.Data();
    native.duration = duration.Data();
    target.use_threads(integer(request, "threads"));
    target.decode_times(native);
    return info.Env().Undefined();
  });
}

Napi::Value MediaReader::log_tail(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), reader(info.Env()).log().tail()); });
}

Napi::Value MediaReader::log_all(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), reader(info.Env()).log().all()); });
}

/// { packets, pictures, seeks, bytes } since the last call; bytes since the file was opened.
Napi::Value MediaReader::take_stats(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const av::DecodeStats stats = reader(info.Env()).take_stats();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("packets", static_cast<double>(stats.packets));
    object.Set("pictures", static_cast<double>(stats.pictures));
    object.Set("seeks", static_cast<double>(stats.seeks));
    return object;
  });
}

Napi::Value MediaReader::close(const Napi::CallbackInfo& info) {
  reader_.reset();
  converter_.reset();
  encoder_.reset();
  source_bytes_.Reset();
  index_bytes_.Reset();
  cancel_flags_.Reset();
  return info.Env().Undefined();
}

}  // namespace fp::binding
