#include "container_reader.h"

#include "from_js.h"
#include "throw_js.h"
#include "to_js.h"

namespace fp::binding {

Napi::Function ContainerReader::define(Napi::Env env) {
  return DefineClass(
      env, "ContainerReader",
      {InstanceMethod("identity", &ContainerReader::identity), InstanceMethod("info", &ContainerReader::container_info),
       InstanceMethod("logTail", &ContainerReader::log_tail), InstanceMethod("logAll", &ContainerReader::log_all),
       InstanceMethod("close", &ContainerReader::close)});
}

/// (source, options, flags: Int32Array, place, ticket, keepLog): all that is read is read here.
ContainerReader::ContainerReader(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ContainerReader>(info) {
  guarded(info.Env(), [&] {
    const auto source = info[0].As<Napi::Object>();
    if (source.Has("bytes")) source_bytes_ = Napi::Persistent(array<Napi::Uint8Array>(source, "bytes"));
    container_ = std::make_unique<av::Container>(open_source(source), demuxer_options(info[1].As<Napi::Object>()),
                                                 cancel_of(info, 2), info[5].As<Napi::Boolean>().Value());
  });
}

av::Container& ContainerReader::container() {
  if (!container_) throw av::Error("E_CLOSED", "the reader is closed");
  return *container_;
}

Napi::Value ContainerReader::identity(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return identity_of(info.Env(), container().source()); });
}

Napi::Value ContainerReader::container_info(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), container().info()); });
}

Napi::Value ContainerReader::log_tail(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), container().log().tail()); });
}

Napi::Value ContainerReader::log_all(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return strings_to_js(info.Env(), container().log().all()); });
}

Napi::Value ContainerReader::close(const Napi::CallbackInfo& info) {
  container_.reset();
  source_bytes_.Reset();
  return info.Env().Undefined();
}

}  // namespace fp::binding
