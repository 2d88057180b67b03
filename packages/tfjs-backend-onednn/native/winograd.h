// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3), on nChw16c images: a quarter of the
// multiplications, in tiles that stay in cache from the input transform to the output transform.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels.h"

namespace onednn_backend {

struct WinogradShape {
  int64_t n, h, w;  // the output has the input's size: padding 1
  int64_t in, out;  // channels, multiples of 16
};

struct Winograd {
  // Floats of scratch memory that a call needs.
  size_t (*scratch)(const WinogradShape& s, int threads, bool filter_gradient);
  // filter: HWIO as TensorFlow keeps it. With transposed, x is the gradient of the convolution's
  // output and out that of its input: the filter is read flipped, its channels swapped.
  void (*convolve)(const WinogradShape& s, Array x, const float* filter, bool transposed,
                   const float* bias, bool relu, Array out, float* scratch, int threads);
  // dfilter (HWIO) = gradient of the filter.
  void (*filter_gradient)(const WinogradShape& s, Array x, Array dy, float* dfilter,
                          float* scratch, int threads);
};

// Null where the processor has no AVX-512.
const Winograd* winograd();
// Multiplies in bfloat16 and sums in float32. Null where the processor has no AVX512_BF16.
const Winograd* winograd_bf16();

}  // namespace onednn_backend
