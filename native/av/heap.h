// Memory that closed readers leave behind in the allocator.
#pragma once

#include <cstdint>

namespace fp::av {

/// Tells that about `bytes` of large blocks were freed.
void note_freed(int64_t bytes);

/// Makes the allocator return what it keeps, when at least `bytes` were freed since it last did: each worker thread has
/// an arena of its own, and glibc lets freed pictures pile up in every one of them. That takes tens of milliseconds,
/// for whoever allocates meanwhile too: to be called when nobody waits. Tells whether it was done.
bool trim_heap(int64_t bytes);

}  // namespace fp::av
