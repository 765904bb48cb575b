#include "heap.h"

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace fp::av {

void note_freed(int64_t bytes) {
#ifdef __GLIBC__
  constexpr int64_t kEvery = 32 << 20;
  static std::atomic<int64_t> freed{0};
  if (freed.fetch_add(bytes) + bytes < kEvery) return;
  freed = 0;
  malloc_trim(0);
#else
  static_cast<void>(bytes);
#endif
}

}  // namespace fp::av
