// A descriptor of JavaScript's as the system knows the file.
#pragma once

#include "../av/byte_source.h"

namespace fp::binding {

/// Throws E_IO for a descriptor that is not open, or of a runtime that keeps its own.
av::SystemFile system_file(int descriptor);

}  // namespace fp::binding
