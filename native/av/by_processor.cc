#include "by_processor.h"

#if defined(__x86_64__)

#include <cpuid.h>

#include <cstdint>

namespace fp::av {

namespace {

/// Whether the system keeps the upper halves of the registers when it changes threads.
bool keeps_wide_registers() {
  uint32_t low = 0;
  uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  constexpr uint32_t kVectors = 0x6;
  return (low & kVectors) == kVectors;
}

bool detect_avx2() {
  constexpr unsigned kXgetbvAndAvx = (1U << 27) | (1U << 28);
  constexpr unsigned kAvx2 = 1U << 5;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kXgetbvAndAvx) != kXgetbvAndAvx) return false;
  if (!keeps_wide_registers()) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & kAvx2) != 0;
}

}  // namespace

const bool kHasAvx2 = detect_avx2();

}  // namespace fp::av

#endif
