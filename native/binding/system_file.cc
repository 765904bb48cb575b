#include "system_file.h"

#include "../av/error.h"

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

namespace fp::binding {

av::SystemFile system_file(int descriptor) {
  // Descriptors are numbers of a C library, and Node has its own copy: only its libuv knows whose they are. Looked up
  // at run time, since the program has another name in Electron, and not every runtime has the function.
  using GetHandle = HANDLE (*)(int);
  const auto get_handle = reinterpret_cast<GetHandle>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(nullptr), "uv_get_osfhandle")));
  if (get_handle == nullptr) {
    throw av::Error("E_IO", "this runtime does not tell whose descriptors its numbers are: open it by its path");
  }
  const HANDLE handle = get_handle(descriptor);
  if (handle == INVALID_HANDLE_VALUE) throw av::Error("E_IO", "cannot open it: the descriptor is not open");
  return handle;
}

}  // namespace fp::binding

#else

namespace fp::binding {

av::SystemFile system_file(int descriptor) { return descriptor; }

}  // namespace fp::binding

#endif
