// av::AudioReader for JavaScript.
#pragma once

#include <memory>

#include "../av/audio_reader.h"
#include "napi_setup.h"

namespace fp::binding {

/// Made, used and closed on one worker's thread. Keeps the typed arrays it reads from alive. After close() every
/// method but close() throws E_CLOSED.
class AudioReader : public Napi::ObjectWrap<AudioReader> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit AudioReader(const Napi::CallbackInfo& info);

 private:
  Napi::Value begin(const Napi::CallbackInfo& info);
  Napi::Value supply(const Napi::CallbackInfo& info);
  Napi::Value identity(const Napi::CallbackInfo& info);
  Napi::Value stream_info(const Napi::CallbackInfo& info);
  Napi::Value decode(const Napi::CallbackInfo& info);
  Napi::Value take(const Napi::CallbackInfo& info);
  Napi::Value log_tail(const Napi::CallbackInfo& info);
  Napi::Value log_all(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  av::AudioReader& reader();
  av::Cancel take_cancel(const Napi::CallbackInfo& info, size_t first);

  // Referenced memory is declared before the reader that points into it.
  Napi::Reference<Napi::Uint8Array> source_bytes_;
  Napi::Reference<Napi::Int32Array> cancel_flags_;
  int64_t decoded_ = 0;  // floats that take() will write
  std::unique_ptr<av::AudioReader> reader_;
};

}  // namespace fp::binding
