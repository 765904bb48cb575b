// Arguments of JavaScript's as the native layer takes them.
#pragma once

#include <memory>
#include <string>

#include "../av/byte_source.h"
#include "../av/cancel.h"
#include "../av/demuxer.h"
#include "napi_setup.h"

namespace fp::binding {

int32_t integer(const Napi::Object& object, const char* name);
int64_t long_integer(const Napi::Object& object, const char* name);

/// Typed arrays over shared memory are taken as they are: Node-API hands out their data on every version.
template <typename Array>
Array array(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsTypedArray()) throw av::Error("E_INTERNAL", std::string(name) + " is not a typed array");
  return value.As<Array>();
}

/// Which stream, the limits, and the lists of what may be opened and decoded.
av::DemuxerOptions demuxer_options(const Napi::Object& options);

void expect_length(size_t length, size_t expected, const char* name);

/// What a reader's constructor is given as its source. Bytes in memory must be kept alive by the caller.
std::unique_ptr<av::ByteSource> open_source(const Napi::Object& source);
/// The bytes that a job brings, for a source that JavaScript fetches the bytes of.
void supply(av::ByteSource& source, const Napi::Object& input);
/// What tells this version of the file from another, as numbers with the names of fs.stat; null for bytes in memory.
Napi::Value identity_of(Napi::Env env, const av::ByteSource& source);
/// Three arguments from `first` on: flags: Int32Array, place, ticket. The flags must be kept alive by the caller.
av::Cancel cancel_of(const Napi::CallbackInfo& info, size_t first);

}  // namespace fp::binding
