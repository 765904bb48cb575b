// The only place that makes JavaScript errors.
#pragma once

#include <exception>

#include "napi_setup.h"

namespace fp::binding {

/// `error` as a JavaScript Error with `code` and, for a native frame of another size, `width`, `height` and
/// `pixelFormat`.
Napi::Error to_js_error(Napi::Env env, const std::exception& error);

/// Runs `body`; what it throws becomes a JavaScript exception.
template <typename Body>
auto guarded(Napi::Env env, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw to_js_error(env, error);
  }
}

}  // namespace fp::binding
