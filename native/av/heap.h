// Memory that closed readers leave behind in the allocator.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

/// A picture of so many bytes, decoded or as output, is kept in memory no longer than it is needed, whatever that
/// costs.
constexpr size_t kHugePicture = size_t{1} << 28;

/// The memory is there, but its pages are not until they are written again: what it held is lost. May do nothing.
void drop_pages(uint8_t* memory, size_t size);

/// Tells that about `bytes` of large blocks were freed.
void note_freed(int64_t bytes);

/// Makes the allocator return what it keeps, when at least `bytes` were freed since it last did: each worker thread has
/// an arena of its own, and glibc lets freed pictures pile up in every one of them. That takes tens of milliseconds,
/// for whoever allocates meanwhile too: to be called when nobody waits. Tells whether it was done.
bool trim_heap(int64_t bytes);

}  // namespace fp::av
