// av::Container for JavaScript.
#pragma once

#include <memory>

#include "../av/container.h"
#include "napi_setup.h"

namespace fp::binding {

/// Made and closed on one worker's thread, within one job. Keeps the typed arrays it reads from alive. After close()
/// every method but close() throws E_CLOSED.
class ContainerReader : public Napi::ObjectWrap<ContainerReader> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ContainerReader(const Napi::CallbackInfo& info);

 private:
  Napi::Value identity(const Napi::CallbackInfo& info);
  Napi::Value container_info(const Napi::CallbackInfo& info);
  Napi::Value log_tail(const Napi::CallbackInfo& info);
  Napi::Value log_all(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  av::Container& container();

  // Referenced memory is declared before what points into it.
  Napi::Reference<Napi::Uint8Array> source_bytes_;
  std::unique_ptr<av::Container> container_;
};

}  // namespace fp::binding
