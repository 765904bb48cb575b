#include "throw_js.h"

#include <new>

#include "../av/converter.h"
#include "to_js.h"

namespace fp::binding {

Napi::Error to_js_error(Napi::Env env, const std::exception& error) {
  Napi::Error result = Napi::Error::New(env, error.what());
  const char* code = "E_INTERNAL";
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) code = "E_LIMIT";
  if (const auto* known = dynamic_cast<const av::Error*>(&error)) {
    code = known->code;
    result.Set("log", strings_to_js(env, known->log));
  }
  result.Set("code", Napi::String::New(env, code));
  if (const auto* size = dynamic_cast<const av::FrameSizeError*>(&error)) {
    result.Set("width", Napi::Number::New(env, size->width));
    result.Set("height", Napi::Number::New(env, size->height));
    result.Set("pixelFormat", Napi::String::New(env, av_get_pix_fmt_name(size->format)));
  }
  return result;
}

}  // namespace fp::binding
