// Memory that closed readers leave behind in the allocator.
#pragma once

#include <cstdint>

namespace fp::av {

/// Tells that about `bytes` of large blocks were freed. From time to time the allocator is made to return what it
/// keeps: each worker thread has an arena of its own, and glibc lets freed pictures pile up in every one of them.
void note_freed(int64_t bytes);

}  // namespace fp::av
