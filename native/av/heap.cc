#include "heap.h"

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace fp::av {

namespace {

std::atomic<int64_t> freed{0};

}  // namespace

void drop_pages([[maybe_unused]] uint8_t* memory, [[maybe_unused]] size_t size) {
#ifdef __linux__
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t before = (page - reinterpret_cast<uintptr_t>(memory) % page) % page;
  if (size >= before + page) madvise(memory + before, (size - before) / page * page, MADV_DONTNEED);
#endif
}

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
