// The hand-written kernels: everything oneDNN has no primitive for, or is slower at than one
// pass over memory. kernels.cc is compiled once per instruction set; best_kernels() picks one.
//
// Activations come in two layouts that these kernels treat alike, as [n, blocks, pixels, lanes]:
// NHWC is (blocks 1, lanes C), oneDNN's nChw16c is (blocks C/16, lanes 16).
#pragma once
#include <cstddef>
#include <cstdint>

namespace onednn_backend {

enum class Type : int { f32, bf16, i32, u8 };

struct Array {
  void* data = nullptr;
  size_t length = 0;
  Type type = Type::f32;
};

enum Unary : int {
  kNeg, kAbs, kExp, kLog, kLog1p, kSqrt, kRsqrt, kSquare, kReciprocal, kSigmoid, kRelu, kRelu6,
  kStep, kTanh, kSoftplus, kClip, kUnaryCount
};

enum Binary : int {
  kAdd, kSub, kMul, kDiv, kMaximum, kMinimum, kSquaredDifference, kArithmeticCount,
  kGreater = kArithmeticCount, kGreaterEqual, kLess, kLessEqual, kEqual, kNotEqual, kBinaryCount
};

enum Reduction : int { kSum, kMean, kMax, kMin, kReductionCount };

struct Window {
  int64_t h, w, oh, ow, kh, kw, sh, sw, dh, dw, top, left;
};

struct Resize {
  int64_t h, w, oh, ow;
  bool bilinear, align_corners, half_pixel_centers;
};

struct AdamStep {
  float rate, beta1, beta2, epsilon, correction1, correction2;
};

struct Kernels {
  const char* instructions;
  // a and b parameterise step (alpha) and clip (low, high).
  void (*unary)(int op, float a, float b, Array x, Array out);
  // Strides of zero broadcast.
  void (*binary)(int op, Array a, Array b, Array out, int rank, const int64_t* dims,
                 const int64_t* a_strides, const int64_t* b_strides);
  void (*reduce)(int op, Array x, Array out, int64_t outer, int64_t middle, int64_t inner);
  void (*channel_sums)(Array x, float* sums, int64_t n, int64_t blocks, int64_t pixels,
                       int64_t lanes);
  // out = dy where y > 0; sums, when given, receives out's sum for each channel.
  void (*relu_grad)(Array dy, Array y, Array out, float* sums, int64_t n, int64_t blocks,
                    int64_t pixels, int64_t lanes);
  void (*max_pool)(Array x, Array out, int64_t batch, int64_t lanes, const Window& w);
  void (*max_pool_grad)(Array dy, Array x, Array dx, int64_t batch, int64_t lanes,
                        const Window& w);
  void (*resize)(Array x, Array out, int64_t batch, int64_t lanes, const Resize& r);
  void (*resize_grad)(Array dy, Array dx, int64_t batch, int64_t lanes, const Resize& r);
  void (*batch_norm)(Array x, const float* mean, const float* variance, const float* offset,
                     const float* scale, float epsilon, Array out, int64_t n, int64_t blocks,
                     int64_t pixels, int64_t lanes);
  // sums[c] += x, products[c] += x * y, over the pixels of each channel.
  void (*channel_products)(Array x, Array y, float* sums, float* products, int64_t n,
                           int64_t blocks, int64_t pixels, int64_t lanes);
  // out = x * a[c] + y * b[c] + c[c]; y may be null.
  void (*channel_affine)(Array x, Array y, const float* a, const float* b, const float* c,
                         Array out, int64_t n, int64_t blocks, int64_t pixels, int64_t lanes);
  void (*bias_add)(Array x, const float* bias, Array out, bool relu, int64_t n, int64_t blocks,
                   int64_t pixels, int64_t lanes);
  // NHWC <-> nChw16c, converting between float32 and bfloat16 on the way.
  void (*block)(Array nhwc, Array blocked, int64_t n, int64_t pixels, int64_t channels);
  void (*unblock)(Array blocked, Array nhwc, int64_t n, int64_t pixels, int64_t channels);
  void (*convert)(Array from, Array to);
  // 1x1 convolution to a single channel, and its gradients: one pass over x or dx.
  void (*dot)(Array x, const float* filter, const float* bias, float* out, int64_t n,
              int64_t blocks, int64_t pixels, int64_t lanes);
  void (*dot_data)(const float* dy, const float* filter, Array dx, int64_t n, int64_t blocks,
                   int64_t pixels, int64_t lanes);
  void (*dot_filter)(Array x, const float* dy, float* dfilter, int64_t n, int64_t blocks,
                     int64_t pixels, int64_t lanes);
  void (*adam)(float* value, const float* gradient, float* m, float* v, int64_t size,
               const AdamStep& step);
};

const Kernels& best_kernels();

}  // namespace onednn_backend
