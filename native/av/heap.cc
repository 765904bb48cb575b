#include "heap.h"

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fp::av {

namespace {

std::atomic<int64_t> freed{0};

}  // namespace

void note_freed(int64_t bytes) { freed += bytes; }

bool trim_heap(int64_t bytes) {
  int64_t now = freed;
  // One thread of those that see it.
  if (now < bytes || !freed.compare_exchange_strong(now, 0)) return false;
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return true;
}

}  // namespace fp::av
