// Compiled once per instruction set with KERNELS_TABLE naming the table it defines. All else has
// internal linkage, so that no function built for AVX-512 can be picked for an older processor.
#include "kernels.h"

#include <math.h>
#include <omp.h>
#include <string.h>

namespace onednn_backend {
namespace {

constexpr int64_t kParallel = 16384;  // elements below which waking a second thread costs more
constexpr int64_t kChunk = 2048;

struct bf16 {
  uint16_t bits;
};

inline float load(const float* p) { return *p; }
inline float load(const bf16* p) {
  const uint32_t u = uint32_t(p->bits) << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}
inline void store(float* p, float f) { *p = f; }
inline void store(bf16* p, float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  const uint32_t rounded = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
  p->bits = f == f ? uint16_t(rounded) : uint16_t(0x7fc0);
}

template <class T>
T* as(Array a) {
  return static_cast<T*>(a.data);
}

// Calls f with the element types of two arrays.
template <class F>
void with_types(Array a, Array b, F f) {
  if (a.type == Type::bf16 && b.type == Type::bf16) f(as<bf16>(a), as<bf16>(b));
  else if (a.type == Type::bf16) f(as<bf16>(a), as<float>(b));
  else if (b.type == Type::bf16) f(as<float>(a), as<bf16>(b));
  else f(as<float>(a), as<float>(b));
}

// ---- elementwise ------------------------------------------------------------------------------

// e^x to about 1 ulp, without a call, so that the loop around it vectorises.
inline float exp_inline(float x) {
  // A NaN fails both comparisons of this order, and so goes on as 0.
  const float clamped = x > 88.8f ? 88.8f : (x > -103.9f ? x : (x <= -103.9f ? -103.9f : 0.f));
  const float n = rintf(clamped * 1.44269504088896341f);
  const float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.f / 5040;
  p = p * r + 1.f / 720;
  p = p * r + 1.f / 120;
  p = p * r + 1.f / 24;
  p = p * r + 1.f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.f;
  p = p * r + 1.f;
  // Two factors, so that results near overflow and denormals stay right.
  const int32_t k = int32_t(n), half = k >> 1;
  const uint32_t low = uint32_t(half + 127) << 23, high = uint32_t(k - half + 127) << 23;
  float a, b;
  memcpy(&a, &low, 4);
  memcpy(&b, &high, 4);
  const float y = p * a * b;
  return x != x ? x : (x > 88.8f ? INFINITY : y);
}

template <class F>
void map(const float* x, float* out, int64_t n, F f) {
#pragma omp parallel for simd schedule(static) if (n > kParallel)
  for (int64_t i = 0; i < n; ++i) out[i] = f(x[i]);
}

void unary(int op, float a, float b, Array xa, Array oa) {
  const float* x = as<float>(xa);
  float* o = as<float>(oa);
  const int64_t n = int64_t(oa.length);
  switch (op) {
    case kNeg: return map(x, o, n, [](float v) { return -v; });
    case kAbs: return map(x, o, n, [](float v) { return fabsf(v); });
    case kExp: return map(x, o, n, [](float v) { return exp_inline(v); });
    case kLog: return map(x, o, n, [](float v) { return logf(v); });
    case kLog1p: return map(x, o, n, [](float v) { return log1pf(v); });
    case kSqrt: return map(x, o, n, [](float v) { return sqrtf(v); });
    case kRsqrt: return map(x, o, n, [](float v) { return 1.f / sqrtf(v); });
    case kSquare: return map(x, o, n, [](float v) { return v * v; });
    case kReciprocal: return map(x, o, n, [](float v) { return 1.f / v; });
    case kSigmoid: return map(x, o, n, [](float v) { return 1.f / (1.f + exp_inline(-v)); });
    case kRelu: return map(x, o, n, [](float v) { return v < 0.f ? 0.f : v; });
    case kRelu6: return map(x, o, n, [](float v) { return v < 0.f ? 0.f : (v > 6.f ? 6.f : v); });
    case kStep:
      return map(x, o, n, [a](float v) { return v != v ? v : (v > 0.f ? 1.f : a); });
    case kTanh: return map(x, o, n, [](float v) { return tanhf(v); });
    case kSoftplus:
      return map(x, o, n, [](float v) {
        return v > 15.f ? v : (v < -15.f ? expf(v) : log1pf(expf(v)));
      });
    case kClip: return map(x, o, n, [a, b](float v) { return v > b ? b : (v < a ? a : v); });
    default: return;
  }
}

template <int Op>
inline float arithmetic(float a, float b) {
  if (Op == kAdd) return a + b;
  if (Op == kSub) return a - b;
  if (Op == kMul) return a * b;
  if (Op == kDiv) return a / b;
  // As Math.max and Math.min: a NaN on either side wins.
  if (Op == kMaximum) return a != a ? a : (b != b ? b : (a > b ? a : b));
  if (Op == kMinimum) return a != a ? a : (b != b ? b : (a < b ? a : b));
  return (a - b) * (a - b);
}

template <int Op>
inline uint8_t compare(float a, float b) {
  if (Op == kGreater) return a > b;
  if (Op == kGreaterEqual) return a >= b;
  if (Op == kLess) return a < b;
  if (Op == kLessEqual) return a <= b;
  if (Op == kEqual) return a == b;
  return a != b;
}

template <class A, class B, class O, class F>
void broadcast(const A* a, const B* b, O* out, int rank, const int64_t* dims, const int64_t* sa,
               const int64_t* sb, F f) {
  const int64_t inner = dims[rank - 1], ia = sa[rank - 1], ib = sb[rank - 1];
  int64_t rows = 1;
  for (int d = 0; d < rank - 1; ++d) rows *= dims[d];
  auto row = [&](const A* pa, const B* pb, O* po, int64_t n) {
    if (ia == 1 && ib == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) f(pa + i, pb + i, po + i);
    } else if (ia == 1 && ib == 0) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) f(pa + i, pb, po + i);
    } else if (ia == 0 && ib == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) f(pa, pb + i, po + i);
    } else {
      for (int64_t i = 0; i < n; ++i) f(pa + i * ia, pb + i * ib, po + i);
    }
  };
  if (rows == 1) {
#pragma omp parallel for schedule(static) if (inner > kParallel)
    for (int64_t c = 0; c < (inner + kChunk - 1) / kChunk; ++c) {
      const int64_t from = c * kChunk, n = inner - from < kChunk ? inner - from : kChunk;
      row(a + from * ia, b + from * ib, out + from, n);
    }
    return;
  }
#pragma omp parallel if (rows * inner > kParallel)
  {
    const int64_t threads = omp_get_num_threads(), id = omp_get_thread_num();
    const int64_t from = rows * id / threads, to = rows * (id + 1) / threads;
    int64_t index[16], rest = from, pa = 0, pb = 0;
    for (int d = rank - 2; d >= 0; --d) {
      index[d] = rest % dims[d];
      rest /= dims[d];
      pa += index[d] * sa[d];
      pb += index[d] * sb[d];
    }
    for (int64_t r = from; r < to; ++r) {
      row(a + pa, b + pb, out + r * inner, inner);
      for (int d = rank - 2; d >= 0; --d) {
        pa += sa[d];
        pb += sb[d];
        if (++index[d] < dims[d]) break;
        pa -= index[d] * sa[d];
        pb -= index[d] * sb[d];
        index[d] = 0;
      }
    }
  }
}

template <int Op>
void arithmetic_any(Array a, Array b, Array out, int rank, const int64_t* dims, const int64_t* sa,
                    const int64_t* sb) {
  const auto f = [](auto* x, auto* y, auto* o) { store(o, arithmetic<Op>(load(x), load(y))); };
  with_types(a, b, [&](auto* x, auto* y) {
    if (out.type == Type::bf16) broadcast(x, y, as<bf16>(out), rank, dims, sa, sb, f);
    else broadcast(x, y, as<float>(out), rank, dims, sa, sb, f);
  });
}

template <int Op>
void compare_any(Array a, Array b, Array out, int rank, const int64_t* dims, const int64_t* sa,
                 const int64_t* sb) {
  broadcast(as<float>(a), as<float>(b), as<uint8_t>(out), rank, dims, sa, sb,
            [](const float* x, const float* y, uint8_t* o) { *o = compare<Op>(*x, *y); });
}

void binary(int op, Array a, Array b, Array out, int rank, const int64_t* d, const int64_t* sa,
            const int64_t* sb) {
  switch (op) {
    case kAdd: return arithmetic_any<kAdd>(a, b, out, rank, d, sa, sb);
    case kSub: return arithmetic_any<kSub>(a, b, out, rank, d, sa, sb);
    case kMul: return arithmetic_any<kMul>(a, b, out, rank, d, sa, sb);
    case kDiv: return arithmetic_any<kDiv>(a, b, out, rank, d, sa, sb);
    case kMaximum: return arithmetic_any<kMaximum>(a, b, out, rank, d, sa, sb);
    case kMinimum: return arithmetic_any<kMinimum>(a, b, out, rank, d, sa, sb);
    case kSquaredDifference:
      return arithmetic_any<kSquaredDifference>(a, b, out, rank, d, sa, sb);
    case kGreater: return compare_any<kGreater>(a, b, out, rank, d, sa, sb);
    case kGreaterEqual: return compare_any<kGreaterEqual>(a, b, out, rank, d, sa, sb);
    case kLess: return compare_any<kLess>(a, b, out, rank, d, sa, sb);
    case kLessEqual: return compare_any<kLessEqual>(a, b, out, rank, d, sa, sb);
    case kEqual: return compare_any<kEqual>(a, b, out, rank, d, sa, sb);
    case kNotEqual: return compare_any<kNotEqual>(a, b, out, rank, d, sa, sb);
    default: return;
  }
}

// ---- reductions -------------------------------------------------------------------------------

// Short float runs added up in double: as exact as JavaScript's sums, at memory speed.
double sum_run(const float* x, int64_t n) {
  double total = 0;
  for (int64_t from = 0; from < n; from += 512) {
    const int64_t to = n - from < 512 ? n : from + 512;
    float s = 0;
#pragma omp simd reduction(+ : s)
    for (int64_t i = from; i < to; ++i) s += x[i];
    total += s;
  }
  return total;
}

template <bool Max>
float extreme_run(const float* x, int64_t n) {
  float best = Max ? -INFINITY : INFINITY;
  for (int64_t i = 0; i < n; ++i) {
    if (x[i] != x[i]) return x[i];
    best = Max ? (x[i] > best ? x[i] : best) : (x[i] < best ? x[i] : best);
  }
  return best;
}

void reduce_inner(int op, const float* x, float* out, int64_t outer, int64_t middle) {
  const auto one = [&](const float* p) -> float {
    if (op == kSum) return float(sum_run(p, middle));
    if (op == kMean) return float(sum_run(p, middle) / double(middle));
    return op == kMax ? extreme_run<true>(p, middle) : extreme_run<false>(p, middle);
  };
  if (outer == 1 && (op == kSum || op == kMean)) {
    // In pieces of fixed size, so that the sum does not depend on the threads.
    const int64_t pieces = (middle + 8191) / 8192;
    double* parts = new double[size_t(pieces)];
#pragma omp parallel for schedule(static) if (middle > kParallel)
    for (int64_t i = 0; i < pieces; ++i) {
      const int64_t from = i * 8192, n = middle - from < 8192 ? middle - from : 8192;
      parts[i] = sum_run(x + from, n);
    }
    double total = 0;
    for (int64_t i = 0; i < pieces; ++i) total += parts[i];
    delete[] parts;
    out[0] = float(op == kMean ? total / double(middle) : total);
    return;
  }
#pragma omp parallel for schedule(static) if (outer * middle > kParallel)
  for (int64_t o = 0; o < outer; ++o) out[o] = one(x + o * middle);
}

void reduce(int op, Array xa, Array oa, int64_t outer, int64_t middle, int64_t inner) {
  const float* x = as<float>(xa);
  float* out = as<float>(oa);
  if (inner == 1) return reduce_inner(op, x, out, outer, middle);
  // Columns in tiles of 64, so that each accumulator stays in registers or L1.
  const int64_t tiles = (inner + 63) / 64;
#pragma omp parallel for collapse(2) schedule(static) if (outer * middle * inner > kParallel)
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t t = 0; t < tiles; ++t) {
      const int64_t from = t * 64, n = inner - from < 64 ? inner - from : 64;
      const float* p = x + o * middle * inner + from;
      float* r = out + o * inner + from;
      if (op == kSum || op == kMean) {
        double total[64] = {0};
        for (int64_t m = 0; m < middle; m += 64) {
          const int64_t end = middle - m < 64 ? middle : m + 64;
          float part[64] = {0};
          for (int64_t k = m; k < end; ++k)
            for (int64_t i = 0; i < n; ++i) part[i] += p[k * inner + i];
          for (int64_t i = 0; i < n; ++i) total[i] += part[i];
        }
        for (int64_t i = 0; i < n; ++i)
          r[i] = float(op == kMean ? total[i] / double(middle) : total[i]);
      } else {
        for (int64_t i = 0; i < n; ++i) r[i] = op == kMax ? -INFINITY : INFINITY;
        for (int64_t k = 0; k < middle; ++k)
          for (int64_t i = 0; i < n; ++i) {
            const float v = p[k * inner + i];
            r[i] = op == kMax ? arithmetic<kMaximum>(r[i], v) : arithmetic<kMinimum>(r[i], v);
          }
      }
    }
  }
}

// Runs body(n, block, from, to, partial sums of the block's lanes) over chunks of pixels, and
// adds the partial sums up in double, thread by thread: the same threads give the same sums.
template <class F>
void over_chunks(float* sums, int64_t n, int64_t blocks, int64_t pixels, int64_t lanes, F body) {
  int64_t chunk = kChunk * 4 / (lanes < 1 ? 1 : lanes);
  if (chunk < 1) chunk = 1;
  const int64_t pieces = (pixels + chunk - 1) / chunk, channels = blocks * lanes;
  const int64_t threads = omp_get_max_threads();
  double* totals = sums ? new double[size_t(threads * channels)]() : nullptr;
  float* partials = sums ? new float[size_t(threads * lanes)] : nullptr;
#pragma omp parallel num_threads(int(threads)) if (n * channels * pixels > kParallel)
  {
    const int64_t id = omp_get_thread_num();
    double* mine = sums ? totals + id * channels : nullptr;
    float* partial = sums ? partials + id * lanes : nullptr;
#pragma omp for schedule(static) collapse(2)
    for (int64_t nb = 0; nb < n * blocks; ++nb) {
      for (int64_t c = 0; c < pieces; ++c) {
        const int64_t from = c * chunk, to = pixels - from < chunk ? pixels : from + chunk;
        if (sums) memset(partial, 0, size_t(lanes) * sizeof(float));
        body(nb / blocks, nb % blocks, from, to, partial);
        if (sums)
          for (int64_t l = 0; l < lanes; ++l) mine[(nb % blocks) * lanes + l] += partial[l];
      }
    }
  }
  if (!sums) return;
  for (int64_t i = 0; i < channels; ++i) {
    double total = 0;
    for (int64_t t = 0; t < threads; ++t) total += totals[t * channels + i];
    sums[i] = float(total);
  }
  delete[] totals;
  delete[] partials;
}

template <class T, class S, class O>
void relu_grad_run(const T* dy, const S* y, O* out, float* partial, int64_t pixels,
                   int64_t lanes) {
  if (lanes == 16) {
    float sum[16] = {0};
    for (int64_t p = 0; p < pixels; ++p) {
      float v[16];
#pragma omp simd
      for (int l = 0; l < 16; ++l) {
        v[l] = load(dy + p * 16 + l) * (load(y + p * 16 + l) > 0.f ? 1.f : 0.f);
        sum[l] += v[l];
      }
#pragma omp simd
      for (int l = 0; l < 16; ++l) store(out + p * 16 + l, v[l]);
    }
    if (partial)
      for (int l = 0; l < 16; ++l) partial[l] += sum[l];
    return;
  }
  for (int64_t p = 0; p < pixels; ++p) {
    for (int64_t l = 0; l < lanes; ++l) {
      const int64_t i = p * lanes + l;
      const float v = load(dy + i) * (load(y + i) > 0.f ? 1.f : 0.f);
      store(out + i, v);
      if (partial) partial[l] += v;
    }
  }
}

void relu_grad(Array dy, Array y, Array out, float* sums, int64_t n, int64_t blocks,
               int64_t pixels, int64_t lanes) {
  with_types(dy, y, [&](auto* d, auto* s) {
    auto run = [&](auto* o) {
      over_chunks(sums, n, blocks, pixels, lanes,
                  [&](int64_t i, int64_t b, int64_t from, int64_t to, float* partial) {
                    const int64_t at = ((i * blocks + b) * pixels + from) * lanes;
                    relu_grad_run(d + at, s + at, o + at, partial, to - from, lanes);
                  });
    };
    if (out.type == Type::bf16) run(as<bf16>(out));
    else run(as<float>(out));
  });
}

template <class T>
void channel_sums_of(const T* x, float* sums, int64_t n, int64_t blocks, int64_t pixels,
                     int64_t lanes) {
  over_chunks(sums, n, blocks, pixels, lanes,
              [&](int64_t i, int64_t b, int64_t from, int64_t to, float* partial) {
                const T* p = x + (i * blocks + b) * pixels * lanes;
                for (int64_t q = from; q < to; ++q)
#pragma omp simd
                  for (int64_t l = 0; l < lanes; ++l) partial[l] += load(p + q * lanes + l);
              });
}

void channel_sums(Array x, float* sums, int64_t n, int64_t blocks, int64_t pixels,
                  int64_t lanes) {
  if (x.type == Type::bf16) channel_sums_of(as<bf16>(x), sums, n, blocks, pixels, lanes);
  else channel_sums_of(as<float>(x), sums, n, blocks, pixels, lanes);
}

template <class X, class Y>
void channel_products_run(const X* x, const Y* y, float* partial, int64_t pixels, int64_t lanes) {
  if (lanes == 16) {
    float sum[16] = {0}, product[16] = {0};
    for (int64_t p = 0; p < pixels; ++p) {
#pragma omp simd
      for (int l = 0; l < 16; ++l) {
        const float v = load(x + p * 16 + l);
        sum[l] += v;
        product[l] += v * load(y + p * 16 + l);
      }
    }
    for (int l = 0; l < 16; ++l) {
      partial[l] += sum[l];
      partial[16 + l] += product[l];
    }
    return;
  }
  for (int64_t p = 0; p < pixels; ++p)
#pragma omp simd
    for (int64_t l = 0; l < lanes; ++l) {
      const float v = load(x + p * lanes + l);
      partial[l] += v;
      partial[lanes + l] += v * load(y + p * lanes + l);
    }
}

void channel_products(Array xa, Array ya, float* sums, float* products, int64_t n, int64_t blocks,
                      int64_t pixels, int64_t lanes) {
  // Both sums of a block lie side by side, as if it had twice the lanes.
  float* both = new float[size_t(2 * blocks * lanes)];
  with_types(xa, ya, [&](auto* x, auto* y) {
    over_chunks(both, n, blocks, pixels, 2 * lanes,
                [&](int64_t i, int64_t b, int64_t from, int64_t to, float* partial) {
                  const int64_t at = ((i * blocks + b) * pixels + from) * lanes;
                  channel_products_run(x + at, y + at, partial, to - from, lanes);
                });
  });
  for (int64_t b = 0; b < blocks; ++b) {
    memcpy(sums + b * lanes, both + 2 * b * lanes, size_t(lanes) * sizeof(float));
    memcpy(products + b * lanes, both + (2 * b + 1) * lanes, size_t(lanes) * sizeof(float));
  }
  delete[] both;
}

// ---- max pooling ------------------------------------------------------------------------------

struct Range {
  int64_t from, to;
};

// The taps of a window that lie inside the image.
inline Range taps(int64_t start, int64_t dilation, int64_t taps_count, int64_t size) {
  Range r{0, taps_count};
  if (start < 0) r.from = (-start + dilation - 1) / dilation;
  while (r.to > r.from && start + (r.to - 1) * dilation >= size) --r.to;
  return r;
}

template <class T>
inline void keep_larger(const T* p, T* best, int64_t lanes) {
#pragma omp simd
  for (int64_t l = 0; l < lanes; ++l) {
    const float v = load(p + l), b = load(best + l);
    store(best + l, v > b ? v : b);
  }
}

template <class T>
void max_pool_of(const T* x, T* out, int64_t batch, int64_t lanes, const Window& w) {
#pragma omp parallel for collapse(2) schedule(static) if (batch * w.oh * w.ow * lanes > 4096)
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t oy = 0; oy < w.oh; ++oy) {
      const T* image = x + n * w.h * w.w * lanes;
      const int64_t y0 = oy * w.sh - w.top;
      const Range ry = taps(y0, w.dh, w.kh, w.h);
      for (int64_t ox = 0; ox < w.ow; ++ox) {
        T* o = out + ((n * w.oh + oy) * w.ow + ox) * lanes;
        const int64_t x0 = ox * w.sw - w.left;
        const Range rx = taps(x0, w.dw, w.kw, w.w);
        if (ry.from >= ry.to || rx.from >= rx.to) {
          for (int64_t l = 0; l < lanes; ++l) store(o + l, -INFINITY);
          continue;
        }
        bool first = true;
        for (int64_t ky = ry.from; ky < ry.to; ++ky) {
          for (int64_t kx = rx.from; kx < rx.to; ++kx) {
            const T* p = image + ((y0 + ky * w.dh) * w.w + x0 + kx * w.dw) * lanes;
            if (first) {
              // As on TensorFlow.js' cpu backend, a NaN is never the largest.
              for (int64_t l = 0; l < lanes; ++l) {
                const float v = load(p + l);
                store(o + l, v == v ? v : -INFINITY);
              }
              first = false;
            } else if (lanes == 16) {
              keep_larger(p, o, 16);
            } else {
              keep_larger(p, o, lanes);
            }
          }
        }
      }
    }
  }
}

void max_pool(Array x, Array out, int64_t batch, int64_t lanes, const Window& w) {
  if (x.type == Type::bf16) max_pool_of(as<bf16>(x), as<bf16>(out), batch, lanes, w);
  else max_pool_of(as<float>(x), as<float>(out), batch, lanes, w);
}

// One output's gradient to the first of its window's largest inputs.
template <class T>
inline void spread(const T* g, const T* a, const T* b, const T* c, const T* d, T* da, T* db,
                   T* dc, T* dd, int64_t lanes) {
#pragma omp simd
  for (int64_t l = 0; l < lanes; ++l) {
    const float va = load(a + l), vb = load(b + l), vc = load(c + l), vd = load(d + l);
    const float v = load(g + l);
    const float ab = vb > va ? vb : va, cd = vd > vc ? vd : vc;
    const float upper = cd > ab ? 0.f : v, lower = cd > ab ? v : 0.f;
    store(da + l, vb > va ? 0.f : upper);
    store(db + l, vb > va ? upper : 0.f);
    store(dc + l, vd > vc ? 0.f : lower);
    store(dd + l, vd > vc ? lower : 0.f);
  }
}

// The U-Net's pooling: windows neither overlap nor leave the image, so dx is written once.
template <class T>
void max_pool_grad_2x2(const T* __restrict dy, const T* __restrict x, T* __restrict dx,
                       int64_t batch, int64_t lanes, const Window& w) {
#pragma omp parallel for collapse(2) schedule(static) if (batch * w.h * w.w * lanes > 4096)
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t oy = 0; oy < w.oh; ++oy) {
      const int64_t row = w.w * lanes;
      const T* x0 = x + (n * w.h + oy * 2) * row;
      T* d0 = dx + (n * w.h + oy * 2) * row;
      const T* g = dy + (n * w.oh + oy) * w.ow * lanes;
      for (int64_t ox = 0; ox < w.ow; ++ox) {
        const T* a = x0 + ox * 2 * lanes;
        T* da = d0 + ox * 2 * lanes;
        if (lanes == 16)
          spread(g + ox * 16, a, a + 16, a + row, a + row + 16, da, da + 16, da + row,
                 da + row + 16, 16);
        else
          spread(g + ox * lanes, a, a + lanes, a + row, a + row + lanes, da, da + lanes, da + row,
                 da + row + lanes, lanes);
      }
    }
  }
}

template <class T>
void max_pool_grad_of(const T* dy, const T* x, T* dx, int64_t batch, int64_t lanes,
                      const Window& w) {
  if (w.kh == 2 && w.kw == 2 && w.sh == 2 && w.sw == 2 && w.dh == 1 && w.dw == 1 && w.top == 0 &&
      w.left == 0 && w.h == w.oh * 2 && w.w == w.ow * 2)
    return max_pool_grad_2x2(dy, x, dx, batch, lanes, w);
#pragma omp parallel for schedule(static) if (batch * w.h * w.w * lanes > 4096)
  for (int64_t n = 0; n < batch; ++n) {
    const T* image = x + n * w.h * w.w * lanes;
    T* gradient = dx + n * w.h * w.w * lanes;
    memset(gradient, 0, size_t(w.h * w.w * lanes) * sizeof(T));
    for (int64_t oy = 0; oy < w.oh; ++oy) {
      const int64_t y0 = oy * w.sh - w.top;
      const Range ry = taps(y0, w.dh, w.kh, w.h);
      for (int64_t ox = 0; ox < w.ow; ++ox) {
        const int64_t x0 = ox * w.sw - w.left;
        const Range rx = taps(x0, w.dw, w.kw, w.w);
        if (ry.from >= ry.to || rx.from >= rx.to) continue;
        const T* g = dy + ((n * w.oh + oy) * w.ow + ox) * lanes;
        for (int64_t l = 0; l < lanes; ++l) {
          int64_t best = ((y0 + ry.from * w.dh) * w.w + x0 + rx.from * w.dw) * lanes + l;
          for (int64_t ky = ry.from; ky < ry.to; ++ky)
            for (int64_t kx = rx.from; kx < rx.to; ++kx) {
              const int64_t at = ((y0 + ky * w.dh) * w.w + x0 + kx * w.dw) * lanes + l;
              if (load(image + at) > load(image + best)) best = at;
            }
          store(gradient + best, load(gradient + best) + load(g + l));
        }
      }
    }
  }
}

void max_pool_grad(Array dy, Array x, Array dx, int64_t batch, int64_t lanes, const Window& w) {
  if (x.type == Type::bf16)
    max_pool_grad_of(as<bf16>(dy), as<bf16>(x), as<bf16>(dx), batch, lanes, w);
  else
    max_pool_grad_of(as<float>(dy), as<float>(x), as<float>(dx), batch, lanes, w);
}

// ---- resizing ---------------------------------------------------------------------------------

struct Axis {
  int64_t low, high;
  float fraction;
};

// Positions in double, as JavaScript computes them: a floor of the wrong side of an integer would
// pick another pixel.
double scale_of(int64_t in, int64_t out, bool align) {
  return align && out > 1 ? double(in - 1) / double(out - 1) : double(in) / double(out);
}

Axis axis_of(int64_t o, int64_t in, double scale, const Resize& r) {
  const double last = double(in - 1);
  if (!r.bilinear) {
    const double at = scale * (r.half_pixel_centers ? double(o) + 0.5 : double(o));
    // Math.round: halves go up.
    const double k = r.align_corners ? floor(at + 0.5) : floor(at);
    const int64_t i = int64_t(k > last ? last : k);
    return {i, i, 0};
  }
  const double at = r.half_pixel_centers ? scale * (double(o) + 0.5) - 0.5 : scale * double(o);
  const double low = floor(at) < 0 ? 0 : floor(at), high = ceil(at) < 0 ? 0 : ceil(at);
  return {int64_t(low > last ? last : low), int64_t(high > last ? last : high), float(at - low)};
}

void resize(Array xa, Array oa, int64_t batch, int64_t lanes, const Resize& r) {
  const float* x = as<float>(xa);
  float* out = as<float>(oa);
  const double sy = scale_of(r.h, r.oh, r.align_corners);
  const double sx = scale_of(r.w, r.ow, r.align_corners);
#pragma omp parallel for collapse(2) schedule(static) if (batch * r.oh * r.ow * lanes > 4096)
  for (int64_t n = 0; n < batch; ++n) {
    for (int64_t oy = 0; oy < r.oh; ++oy) {
      const Axis ay = axis_of(oy, r.h, sy, r);
      const float* top = x + (n * r.h + ay.low) * r.w * lanes;
      const float* bottom = x + (n * r.h + ay.high) * r.w * lanes;
      for (int64_t ox = 0; ox < r.ow; ++ox) {
        const Axis ax = axis_of(ox, r.w, sx, r);
        float* o = out + ((n * r.oh + oy) * r.ow + ox) * lanes;
        const float *a = top + ax.low * lanes, *b = top + ax.high * lanes;
        const float *c = bottom + ax.low * lanes, *d = bottom + ax.high * lanes;
        if (!r.bilinear) {
          memcpy(o, a, size_t(lanes) * sizeof(float));
          continue;
        }
#pragma omp simd
        for (int64_t l = 0; l < lanes; ++l) {
          const float t = a[l] + (b[l] - a[l]) * ax.fraction;
          const float u = c[l] + (d[l] - c[l]) * ax.fraction;
          o[l] = t + (u - t) * ay.fraction;
        }
      }
    }
  }
}

// h, w: the image that was resized (dx's); oh, ow: dy's. TensorFlow.js' gradients know no half
// pixel centers.
void resize_grad(Array dya, Array dxa, int64_t batch, int64_t lanes, const Resize& r) {
  const float* dy = as<float>(dya);
  float* dx = as<float>(dxa);
  const double sy = scale_of(r.h, r.oh, r.align_corners);
  const double sx = scale_of(r.w, r.ow, r.align_corners);
#pragma omp parallel for schedule(static) if (batch * r.oh * r.ow * lanes > 4096)
  for (int64_t n = 0; n < batch; ++n) {
    float* image = dx + n * r.h * r.w * lanes;
    memset(image, 0, size_t(r.h * r.w * lanes) * sizeof(float));
    for (int64_t oy = 0; oy < r.oh; ++oy) {
      const Axis ay = axis_of(oy, r.h, sy, r);
      for (int64_t ox = 0; ox < r.ow; ++ox) {
        const Axis ax = axis_of(ox, r.w, sx, r);
        const float* g = dy + ((n * r.oh + oy) * r.ow + ox) * lanes;
        float* a = image + (ay.low * r.w + ax.low) * lanes;
        if (!r.bilinear) {
          for (int64_t l = 0; l < lanes; ++l) a[l] += g[l];
          continue;
        }
        float* b = image + (ay.low * r.w + ax.high) * lanes;
        float* c = image + (ay.high * r.w + ax.low) * lanes;
        float* d = image + (ay.high * r.w + ax.high) * lanes;
        for (int64_t l = 0; l < lanes; ++l) {
          const float top = g[l] * (1 - ay.fraction), bottom = g[l] * ay.fraction;
          a[l] += top * (1 - ax.fraction);
          b[l] += top * ax.fraction;
          c[l] += bottom * (1 - ax.fraction);
          d[l] += bottom * ax.fraction;
        }
      }
    }
  }
}

// ---- per-channel affine maps ------------------------------------------------------------------

void batch_norm(Array xa, const float* mean, const float* variance, const float* offset,
                const float* scale, float epsilon, Array oa, int64_t n, int64_t blocks,
                int64_t pixels, int64_t lanes) {
  const float* x = as<float>(xa);
  float* out = as<float>(oa);
  over_chunks(nullptr, n, blocks, pixels, lanes,
              [&](int64_t i, int64_t b, int64_t from, int64_t to, float*) {
                const int64_t at = (i * blocks + b) * pixels * lanes, c = b * lanes;
                for (int64_t p = from; p < to; ++p)
#pragma omp simd
                  for (int64_t l = 0; l < lanes; ++l) {
                    const float factor =
                        (scale ? scale[c + l] : 1.f) / sqrtf(variance[c + l] + epsilon);
                    out[at + p * lanes + l] = (x[at + p * lanes + l] - mean[c + l]) * factor +
                                              (offset ? offset[c + l] : 0.f);
                  }
              });
}

template <class X, class Y, class O>
void channel_affine_of(const X* x, const Y* y, const float* a, const float* b, const float* c,
                       O* out, int64_t n, int64_t blocks, int64_t pixels, int64_t lanes) {
  over_chunks(nullptr, n, blocks, pixels, lanes,
              [&](int64_t i, int64_t block, int64_t from, int64_t to, float*) {
                const int64_t at = (i * blocks + block) * pixels * lanes, k = block * lanes;
                for (int64_t p = from; p < to; ++p) {
                  const int64_t row = at + p * lanes;
                  if (y) {
#pragma omp simd
                    for (int64_t l = 0; l < lanes; ++l)
                      store(out + row + l, load(x + row + l) * a[k + l] +
                                               load(y + row + l) * b[k + l] + c[k + l]);
                  } else {
#pragma omp simd
                    for (int64_t l = 0; l < lanes; ++l)
                      store(out + row + l, load(x + row + l) * a[k + l] + c[k + l]);
                  }
                }
              });
}

void channel_affine(Array xa, Array ya, const float* a, const float* b, const float* c, Array oa,
                    int64_t n, int64_t blocks, int64_t pixels, int64_t lanes) {
  with_types(xa, ya, [&](auto* x, auto* y) {
    if (oa.type == Type::bf16)
      channel_affine_of(x, y, a, b, c, as<bf16>(oa), n, blocks, pixels, lanes);
    else
      channel_affine_of(x, y, a, b, c, as<float>(oa), n, blocks, pixels, lanes);
  });
}

void bias_add(Array xa, const float* bias, Array oa, bool relu, int64_t n, int64_t blocks,
              int64_t pixels, int64_t lanes) {
  with_types(xa, oa, [&](auto* x, auto* out) {
    over_chunks(nullptr, n, blocks, pixels, lanes,
                [&](int64_t i, int64_t b, int64_t from, int64_t to, float*) {
                  const int64_t at = (i * blocks + b) * pixels * lanes, c = b * lanes;
                  for (int64_t p = from; p < to; ++p)
#pragma omp simd
                    for (int64_t l = 0; l < lanes; ++l) {
                      const float v = load(x + at + p * lanes + l) + bias[c + l];
                      store(out + at + p * lanes + l, relu && v < 0.f ? 0.f : v);
                    }
                });
  });
}

// ---- layouts ----------------------------------------------------------------------------------

// Blocks visited per chunk of pixels, so that the strided side stays in cache.
template <bool ToBlocked, class A, class B>
void relayout(A* from, B* to, int64_t n, int64_t pixels, int64_t channels) {
  const int64_t blocks = channels / 16, chunk = 64, pieces = (pixels + chunk - 1) / chunk;
#pragma omp parallel for collapse(2) schedule(static) if (n * pixels * channels > kParallel)
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t c = 0; c < pieces; ++c) {
      const int64_t start = c * chunk, end = pixels - start < chunk ? pixels : start + chunk;
      for (int64_t b = 0; b < blocks; ++b)
        for (int64_t p = start; p < end; ++p) {
          const int64_t blocked = ((i * blocks + b) * pixels + p) * 16;
          const int64_t plain = (i * pixels + p) * channels + b * 16;
          const A* f = from + (ToBlocked ? plain : blocked);
          B* t = to + (ToBlocked ? blocked : plain);
#pragma omp simd
          for (int l = 0; l < 16; ++l) store(t + l, load(f + l));
        }
    }
  }
}

void block(Array nhwc, Array blocked, int64_t n, int64_t pixels, int64_t channels) {
  with_types(nhwc, blocked,
             [&](auto* from, auto* to) { relayout<true>(from, to, n, pixels, channels); });
}

void unblock(Array blocked, Array nhwc, int64_t n, int64_t pixels, int64_t channels) {
  with_types(blocked, nhwc,
             [&](auto* from, auto* to) { relayout<false>(from, to, n, pixels, channels); });
}

void convert(Array from, Array to) {
  const int64_t n = int64_t(to.length);
  with_types(from, to, [&](auto* f, auto* t) {
#pragma omp parallel for simd schedule(static) if (n > kParallel)
    for (int64_t i = 0; i < n; ++i) store(t + i, load(f + i));
  });
}

// ---- 1x1 convolution to one channel -----------------------------------------------------------

template <class T>
void dot_of(const T* x, const float* filter, const float* bias, float* out, int64_t n,
            int64_t blocks, int64_t pixels, int64_t lanes) {
  const int64_t chunk = 64, pieces = (pixels + chunk - 1) / chunk;
#pragma omp parallel for collapse(2) schedule(static) if (n * pixels * blocks * lanes > kParallel)
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t c = 0; c < pieces; ++c) {
      const int64_t from = c * chunk, to = pixels - from < chunk ? pixels : from + chunk;
      for (int64_t p = from; p < to; ++p) {
        float sum = 0;
        for (int64_t b = 0; b < blocks; ++b) {
          const T* v = x + ((i * blocks + b) * pixels + p) * lanes;
          const float* f = filter + b * lanes;
#pragma omp simd reduction(+ : sum)
          for (int64_t l = 0; l < lanes; ++l) sum += load(v + l) * f[l];
        }
        out[i * pixels + p] = sum + (bias ? bias[0] : 0.f);
      }
    }
  }
}

void dot(Array x, const float* filter, const float* bias, float* out, int64_t n, int64_t blocks,
         int64_t pixels, int64_t lanes) {
  if (x.type == Type::bf16) dot_of(as<bf16>(x), filter, bias, out, n, blocks, pixels, lanes);
  else dot_of(as<float>(x), filter, bias, out, n, blocks, pixels, lanes);
}

template <class T>
void dot_data_of(const float* dy, const float* filter, T* dx, int64_t n, int64_t blocks,
                 int64_t pixels, int64_t lanes) {
  over_chunks(nullptr, n, blocks, pixels, lanes,
              [&](int64_t i, int64_t b, int64_t from, int64_t to, float*) {
                T* d = dx + (i * blocks + b) * pixels * lanes;
                for (int64_t p = from; p < to; ++p) {
                  const float g = dy[i * pixels + p];
#pragma omp simd
                  for (int64_t l = 0; l < lanes; ++l)
                    store(d + p * lanes + l, g * filter[b * lanes + l]);
                }
              });
}

void dot_data(const float* dy, const float* filter, Array dx, int64_t n, int64_t blocks,
              int64_t pixels, int64_t lanes) {
  if (dx.type == Type::bf16) dot_data_of(dy, filter, as<bf16>(dx), n, blocks, pixels, lanes);
  else dot_data_of(dy, filter, as<float>(dx), n, blocks, pixels, lanes);
}

template <class T>
void dot_filter_of(const T* x, const float* dy, float* dfilter, int64_t n, int64_t blocks,
                   int64_t pixels, int64_t lanes) {
  over_chunks(dfilter, n, blocks, pixels, lanes,
              [&](int64_t i, int64_t b, int64_t from, int64_t to, float* partial) {
                const T* v = x + (i * blocks + b) * pixels * lanes;
                for (int64_t p = from; p < to; ++p) {
                  const float g = dy[i * pixels + p];
#pragma omp simd
                  for (int64_t l = 0; l < lanes; ++l) partial[l] += g * load(v + p * lanes + l);
                }
              });
}

void dot_filter(Array x, const float* dy, float* dfilter, int64_t n, int64_t blocks,
                int64_t pixels, int64_t lanes) {
  if (x.type == Type::bf16) dot_filter_of(as<bf16>(x), dy, dfilter, n, blocks, pixels, lanes);
  else dot_filter_of(as<float>(x), dy, dfilter, n, blocks, pixels, lanes);
}

// ---- optimizer --------------------------------------------------------------------------------

void adam(float* value, const float* gradient, float* m, float* v, int64_t size,
          const AdamStep& s) {
  const float c1 = 1.f - s.beta1, c2 = 1.f - s.beta2;
#pragma omp parallel for simd schedule(static) if (size > kParallel)
  for (int64_t i = 0; i < size; ++i) {
    const float g = gradient[i];
    const float mi = s.beta1 * m[i] + c1 * g;
    const float vi = s.beta2 * v[i] + c2 * (g * g);
    m[i] = mi;
    v[i] = vi;
    value[i] -= s.rate * ((mi / s.correction1) / (sqrtf(vi / s.correction2) + s.epsilon));
  }
}

}  // namespace

extern const Kernels KERNELS_TABLE;
const Kernels KERNELS_TABLE = {
    KERNELS_NAME, unary,  binary,     reduce,   channel_sums, relu_grad, max_pool, max_pool_grad,
    resize,       resize_grad, batch_norm, channel_products, channel_affine, bias_add, block,
    unblock,      convert,     dot,        dot_data,         dot_filter,     adam};

}  // namespace onednn_backend
