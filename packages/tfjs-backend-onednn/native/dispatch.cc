#include "kernels.h"

namespace onednn_backend {

#if defined(__x86_64__) || defined(_M_X64)
extern const Kernels kernels_sse;
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;

const Kernels& best_kernels() {
  static const Kernels& best = [] () -> const Kernels& {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
      return kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2;
    return kernels_sse;
  }();
  return best;
}
#else
extern const Kernels kernels_portable;
const Kernels& best_kernels() { return kernels_portable; }
#endif

}  // namespace onednn_backend
