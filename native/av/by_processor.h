// Marks for inner loops that compilers make vector code of.
#pragma once

/// On x86 with glibc the function exists twice, and the processor gets the better version that it can run.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && (!defined(__clang__) || __clang_major__ >= 14)
#define FP_BY_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FP_BY_PROCESSOR
#endif
/// What such a function is made of: a version for a processor is only as good as what is compiled into it.
#define FP_INLINE inline __attribute__((always_inline))
