// av::Reader for JavaScript.
#pragma once

#include <memory>

#include "../av/converter.h"
#include "../av/image_encoder.h"
#include "../av/reader.h"
#include "napi_setup.h"

namespace fp::binding {

/// Made, used and closed on one worker's thread. Keeps the typed arrays it reads from alive. After close() every
/// method but close() throws E_CLOSED.
class MediaReader : public Napi::ObjectWrap<MediaReader> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit MediaReader(const Napi::CallbackInfo& info);

 private:
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value supply(const Napi::CallbackInfo& info);
  Napi::Value identity(const Napi::CallbackInfo& info);
  Napi::Value stream_info(const Napi::CallbackInfo& info);
  Napi::Value build_index(const Napi::CallbackInfo& info);
  Napi::Value take_index(const Napi::CallbackInfo& info);
  Napi::Value save_index(const Napi::CallbackInfo& info);
  Napi::Value restore_index(const Napi::CallbackInfo& info);
  Napi::Value read_packets(const Napi::CallbackInfo& info);
  Napi::Value use_index(const Napi::CallbackInfo& info);
  Napi::Value decode(const Napi::CallbackInfo& info);
  Napi::Value decode_times(const Napi::CallbackInfo& info);
  Napi::Value log_tail(const Napi::CallbackInfo& info);
  Napi::Value log_all(const Napi::CallbackInfo& info);
  Napi::Value take_stats(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  av::Reader& reader(Napi::Env env);
  av::OutputSpec output_spec(const Napi::Object& request);
  std::unique_ptr<av::FrameSink> sink_of(const Napi::Object& request, size_t count);
  av::Cancel take_cancel(const Napi::CallbackInfo& info, size_t first);

  // Referenced memory is declared before the reader that points into it.
  Napi::Reference<Napi::Uint8Array> source_bytes_;
  Napi::Reference<Napi::Uint8Array> index_bytes_;
  Napi::Reference<Napi::Int32Array> cancel_flags_;
  av::FrameIndex built_;
  // What they hold, pictures among it, goes with the reader: this object itself is there until it is collected.
  std::unique_ptr<av::Converter> converter_;
  std::unique_ptr<av::ImageEncoder> encoder_;
  std::unique_ptr<av::Reader> reader_;
};

}  // namespace fp::binding
