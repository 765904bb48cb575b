// Inner loops that compilers make vector code of, in a version for each kind of processor.
#pragma once

/// What a kernel is made of: a version for a processor is only as good as what is compiled into it.
#define FP_INLINE inline __attribute__((always_inline))

#if defined(__x86_64__)

namespace fp::av {
/// Whether this processor, and the system it runs, know AVX2. Asked at run time and by ourselves: the loader's own
/// choice (ifunc) is glibc's alone.
extern const bool kHasAvx2;
}  // namespace fp::av

/// Defines `void name(parameters)`, which hands its arguments on to the FP_INLINE `name_loop`, compiled twice.
#define FP_BY_PROCESSOR(name, parameters, arguments)                                     \
  namespace {                                                                            \
  __attribute__((target("avx2"))) void name##_avx2 parameters { name##_loop arguments; } \
  }                                                                                      \
  void name parameters {                                                                 \
    if (kHasAvx2) return name##_avx2 arguments;                                          \
    name##_loop arguments;                                                               \
  }

#else

/// Defines `void name(parameters)`, which hands its arguments on to the FP_INLINE `name_loop`.
#define FP_BY_PROCESSOR(name, parameters, arguments) \
  void name parameters { name##_loop arguments; }

#endif
