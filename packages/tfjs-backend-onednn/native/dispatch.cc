#include "kernels.h"
#include "winograd.h"

namespace onednn_backend {

#if defined(__x86_64__) || defined(_M_X64)
extern const Kernels kernels_sse;
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
extern const Winograd winograd_avx512;
extern const Winograd winograd_avx512_bf16;

namespace {
bool has_avx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
}  // namespace

const Kernels& best_kernels() {
  static const Kernels& best = []() -> const Kernels& {
    if (has_avx512()) return kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2;
    return kernels_sse;
  }();
  return best;
}

const Winograd* winograd() {
  static const bool usable = has_avx512();
  return usable ? &winograd_avx512 : nullptr;
}

const Winograd* winograd_bf16() {
  static const bool usable = has_avx512() && __builtin_cpu_supports("avx512bf16");
  return usable ? &winograd_avx512_bf16 : nullptr;
}
#else
extern const Kernels kernels_portable;
const Kernels& best_kernels() { return kernels_portable; }
const Winograd* winograd() { return nullptr; }
const Winograd* winograd_bf16() { return nullptr; }
#endif

}  // namespace onednn_backend
