// Compiled for AVX-512, and for AVX512_BF16 with WINOGRAD_BF16; see winograd.h.
#include "winograd.h"

#include <immintrin.h>
#include <omp.h>
#include <string.h>

namespace onednn_backend {
namespace {

using v16 = __m512;

constexpr int64_t kLanes = 16;
constexpr int64_t kFrequencies = 36;
constexpr int64_t kRows = 12;    // tiles a micro-kernel keeps in registers
constexpr int64_t kGroup = 24;   // tiles transformed together
constexpr int64_t kPanel = 32;   // output channels of a micro-kernel
constexpr int64_t kFewTiles = 256;

struct bf16 {
  uint16_t bits;
};

inline v16 load(const float* p) { return _mm512_loadu_ps(p); }
inline v16 load(const bf16* p) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
inline void store(float* p, v16 v) { _mm512_storeu_ps(p, v); }
inline void store(bf16* p, v16 v) {
  const __m512i u = _mm512_castps_si512(v);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(u, 16), _mm512_set1_epi32(1));
  const __m512i rounded = _mm512_srli_epi32(
      _mm512_add_epi32(_mm512_add_epi32(u, _mm512_set1_epi32(0x7fff)), odd), 16);
  const __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  const __m512i bits = _mm512_mask_mov_epi32(rounded, nan, _mm512_set1_epi32(0x7fc0));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(bits));
}

inline v16 set(float f) { return _mm512_set1_ps(f); }
inline v16 mul_add(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }

// ---- the one-dimensional transforms -----------------------------------------------------------

// The points 0, a, -a, b, -b and infinity. These lose the fewest bits of the usual small ones:
// half of what 1 and 2 lose.
constexpr float kA = 0.625f, kB = 1.5f;
constexpr float kA2 = kA * kA, kB2 = kB * kB;
constexpr float kFilter0 = 1 / (kA2 * kB2);
constexpr float kFilterA = 1 / (2 * kA2 * (kA2 - kB2));
constexpr float kFilterB = 1 / (2 * kB2 * (kB2 - kA2));

// An input of six to six frequencies.
inline void input_transform(const v16* d, v16* o) {
  const v16 p = mul_add(set(-kB2), d[2], d[4]), q = set(kA) * mul_add(set(-kB2), d[1], d[3]);
  const v16 r = mul_add(set(-kA2), d[2], d[4]), s = set(kB) * mul_add(set(-kA2), d[1], d[3]);
  o[0] = mul_add(set(kA2 * kB2), d[0], mul_add(set(-kA2 - kB2), d[2], d[4]));
  o[1] = p + q;
  o[2] = p - q;
  o[3] = r + s;
  o[4] = r - s;
  o[5] = mul_add(set(kA2 * kB2), d[1], mul_add(set(-kA2 - kB2), d[3], d[5]));
}

// Six frequencies to four outputs.
inline void output_transform(const v16* m, v16* o) {
  const v16 a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
  o[0] = m[0] + a + c;
  o[1] = mul_add(set(kA), b, set(kB) * d);
  o[2] = mul_add(set(kA2), a, set(kB2) * c);
  o[3] = mul_add(set(kA * kA2), b, mul_add(set(kB * kB2), d, m[5]));
}

// Its transpose: four output gradients to six frequencies.
inline void gradient_transform(const v16* y, v16* o) {
  const v16 p = mul_add(set(kA2), y[2], y[0]), q = set(kA) * mul_add(set(kA2), y[3], y[1]);
  const v16 r = mul_add(set(kB2), y[2], y[0]), s = set(kB) * mul_add(set(kB2), y[3], y[1]);
  o[0] = y[0];
  o[1] = p + q;
  o[2] = p - q;
  o[3] = r + s;
  o[4] = r - s;
  o[5] = y[3];
}

// Three taps to six frequencies.
inline void filter_transform(const v16* g, v16* o) {
  const v16 p = set(kFilterA) * mul_add(set(kA2), g[2], g[0]), q = set(kFilterA * kA) * g[1];
  const v16 r = set(kFilterB) * mul_add(set(kB2), g[2], g[0]), s = set(kFilterB * kB) * g[1];
  o[0] = g[0] * set(kFilter0);
  o[1] = p + q;
  o[2] = p - q;
  o[3] = r + s;
  o[4] = r - s;
  o[5] = g[2];
}

// Its transpose: six frequencies to the gradients of three taps.
inline void filter_gradient_transform(const v16* m, v16* o) {
  const v16 a = set(kFilterA) * (m[1] + m[2]), b = set(kFilterA * kA) * (m[1] - m[2]);
  const v16 c = set(kFilterB) * (m[3] + m[4]), d = set(kFilterB * kB) * (m[3] - m[4]);
  o[0] = mul_add(set(kFilter0), m[0], a + c);
  o[1] = b + d;
  o[2] = mul_add(set(kA2), a, mul_add(set(kB2), c, m[5]));
}

// ---- arithmetic of the products ---------------------------------------------------------------

// How frequencies are stored and multiplied. step: values of the summed dimension that one
// multiplication takes.
struct FloatMath {
  using Value = float;
  static constexpr int64_t step = 1;
  // A row of values, for multiplication by broadcast.
  static void put(Value* p, v16 v) { store(p, v); }
  // The filter's values for one or two input channels.
  static void put_filter(Value* p, const v16* v) { store(p, v[0]); }
  // A value of a tile, for sums over tiles.
  static void put_tile(Value* p, v16 v, bool) { store(p, v); }
  static v16 broadcast(const Value* p) { return set(*p); }
  static v16 values(const Value* p) { return load(p); }
  static v16 multiply_add(v16 a, v16 b, v16 sum) { return mul_add(a, b, sum); }
};

#ifdef WINOGRAD_BF16
// Pairs of bfloat16, which the processor multiplies and adds to a float32 in one go.
struct PairMath {
  using Value = bf16;
  static constexpr int64_t step = 2;
  static __m512i widened(v16 v) {
    return _mm512_cvtepu16_epi32(__m256i(_mm512_cvtneps_pbh(v)));
  }
  static void put(Value* p, v16 v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), __m256i(_mm512_cvtneps_pbh(v)));
  }
  static void put_filter(Value* p, const v16* v) {
    const __m512i pair =
        _mm512_or_si512(widened(v[0]), _mm512_slli_epi32(widened(v[1]), 16));
    _mm512_storeu_si512(p, pair);
  }
  // Tiles come in order; the second of a pair joins the first.
  static void put_tile(Value* p, v16 v, bool second) {
    __m512i pair = widened(v);
    if (second) pair = _mm512_or_si512(_mm512_loadu_si512(p), _mm512_slli_epi32(pair, 16));
    _mm512_storeu_si512(p, pair);
  }
  static v16 broadcast(const Value* p) {
    int32_t pair;
    memcpy(&pair, p, 4);
    return _mm512_castsi512_ps(_mm512_set1_epi32(pair));
  }
  static v16 values(const Value* p) { return _mm512_castsi512_ps(_mm512_loadu_si512(p)); }
  static v16 multiply_add(v16 a, v16 b, v16 sum) {
    return _mm512_dpbf16_ps(sum, __m512bh(a), __m512bh(b));
  }
};
using Math = PairMath;
#else
using Math = FloatMath;
#endif

using Value = Math::Value;
constexpr int64_t kStep = Math::step;

// ---- tiles ------------------------------------------------------------------------------------

struct Tiles {
  int64_t rows, columns, count;
  explicit Tiles(const WinogradShape& s)
      : rows((s.h + 3) / 4), columns((s.w + 3) / 4), count(s.n * rows * columns) {}
};

struct Tile {
  int64_t n, y, x;  // of its first output
  Tile(const Tiles& t, int64_t index)
      : n(index / (t.rows * t.columns)),
        y(index / t.columns % t.rows * 4),
        x(index % t.columns * 4) {}
};

// Floats from one tile's frequencies to the next one's; the odd cache line keeps tiles out of
// each other's cache sets.
inline int64_t tile_stride(int64_t channels) { return kFrequencies * channels + kLanes; }

// Size x Size pixels of one block of channels from (y, x), zeros outside the image.
template <int Size, class T>
inline const T* patch(const T* plane, int64_t h, int64_t w, int64_t y, int64_t x, T* buffer,
                      int64_t& row) {
  if (y >= 0 && x >= 0 && y + Size <= h && x + Size <= w) {
    row = w * kLanes;
    return plane + (y * w + x) * kLanes;
  }
  row = Size * kLanes;
  for (int64_t i = 0; i < Size; ++i) {
    for (int64_t j = 0; j < Size; ++j) {
      T* to = buffer + (i * Size + j) * kLanes;
      if (y + i >= 0 && y + i < h && x + j >= 0 && x + j < w)
        memcpy(to, plane + ((y + i) * w + x + j) * kLanes, kLanes * sizeof(T));
      else
        memset(to, 0, kLanes * sizeof(T));
    }
  }
  return buffer;
}

// Where a tile's frequencies go: strides of the frequency and of the block of channels.
struct Place {
  int64_t frequency, block;
};

// Tile after tile: [36][channels].
inline Place by_tile(int64_t channels) { return {channels, kLanes}; }

template <class T, class Put>
inline void transform_input(const WinogradShape& s, const T* x, int64_t channels,
                            const Tile& tile, Place place, Put put) {
  const int64_t blocks = channels / kLanes;
  alignas(64) T buffer[36 * kLanes];
  for (int64_t b = 0; b < blocks; ++b) {
    int64_t row = 0;
    const T* p = patch<6>(x + (tile.n * blocks + b) * s.h * s.w * kLanes, s.h, s.w, tile.y - 1,
                          tile.x - 1, buffer, row);
    v16 half[6][6];
    for (int j = 0; j < 6; ++j) {
      v16 d[6], o[6];
      for (int i = 0; i < 6; ++i) d[i] = load(p + i * row + j * kLanes);
      input_transform(d, o);
      for (int i = 0; i < 6; ++i) half[i][j] = o[i];
    }
    for (int i = 0; i < 6; ++i) {
      v16 o[6];
      input_transform(half[i], o);
      for (int j = 0; j < 6; ++j) put((i * 6 + j) * place.frequency + b * place.block, o[j]);
    }
  }
}

template <class T, class Put>
inline void transform_gradient(const WinogradShape& s, const T* dy, int64_t channels,
                               const Tile& tile, Place place, Put put) {
  const int64_t blocks = channels / kLanes;
  alignas(64) T buffer[16 * kLanes];
  for (int64_t b = 0; b < blocks; ++b) {
    int64_t row = 0;
    const T* p = patch<4>(dy + (tile.n * blocks + b) * s.h * s.w * kLanes, s.h, s.w, tile.y,
                          tile.x, buffer, row);
    v16 half[6][4];
    for (int j = 0; j < 4; ++j) {
      v16 d[4], o[6];
      for (int i = 0; i < 4; ++i) d[i] = load(p + i * row + j * kLanes);
      gradient_transform(d, o);
      for (int i = 0; i < 6; ++i) half[i][j] = o[i];
    }
    for (int i = 0; i < 6; ++i) {
      v16 o[6];
      gradient_transform(half[i], o);
      for (int j = 0; j < 6; ++j) put((i * 6 + j) * place.frequency + b * place.block, o[j]);
    }
  }
}

// One block of a tile's output channels from frequencies [36][stride].
template <class T>
void transform_output(const WinogradShape& s, const float* m, int64_t stride, int64_t block,
                      v16 bias, bool relu, const Tile& tile, T* out) {
  v16 half[4][6];
  for (int j = 0; j < 6; ++j) {
    v16 d[6], o[4];
    for (int i = 0; i < 6; ++i) d[i] = load(m + (i * 6 + j) * stride);
    output_transform(d, o);
    for (int i = 0; i < 4; ++i) half[i][j] = o[i];
  }
  const int64_t blocks = s.out / kLanes;
  T* plane = out + (tile.n * blocks + block) * s.h * s.w * kLanes;
  const int64_t rows = s.h - tile.y < 4 ? s.h - tile.y : 4;
  const int64_t columns = s.w - tile.x < 4 ? s.w - tile.x : 4;
  for (int64_t i = 0; i < rows; ++i) {
    v16 o[4];
    output_transform(half[i], o);
    T* row = plane + ((tile.y + i) * s.w + tile.x) * kLanes;
    for (int64_t j = 0; j < columns; ++j) {
      v16 v = o[j] + bias;
      // max(v, 0) with a NaN kept.
      if (relu) v = _mm512_max_ps(_mm512_setzero_ps(), v);
      store(row + j * kLanes, v);
    }
  }
}

// ---- filters ----------------------------------------------------------------------------------

// Frequencies [36][in][width] of output channels from..from+width (16 or 32).
void transform_filter(const WinogradShape& s, const float* filter, bool transposed, int64_t from,
                      int64_t width, Value* out) {
  // Element (tap, in, out) of the filter: at the forward convolution's [tap][in][out], or with
  // the channels swapped and the taps in reverse.
  const int64_t tap = s.in * s.out;
  const __m512i index = _mm512_mullo_epi32(
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
      _mm512_set1_epi32(int(s.in)));
  for (int64_t c = 0; c < s.in; c += kStep) {
    for (int64_t k = 0; k < width; k += kLanes) {
      v16 half[kStep][6][3];
      for (int64_t e = 0; e < kStep; ++e) {
        v16 g[3][3];
        for (int r = 0; r < 3; ++r)
          for (int q = 0; q < 3; ++q) {
            if (transposed) {
              const float* p = filter + (8 - r * 3 - q) * tap + (from + k) * s.in + c + e;
              g[q][r] = _mm512_i32gather_ps(index, p, 4);
            } else {
              g[q][r] = load(filter + (r * 3 + q) * tap + (c + e) * s.out + from + k);
            }
          }
        for (int q = 0; q < 3; ++q) {
          v16 o[6];
          filter_transform(g[q], o);
          for (int i = 0; i < 6; ++i) half[e][i][q] = o[i];
        }
      }
      for (int i = 0; i < 6; ++i) {
        v16 o[kStep][6], both[kStep];
        for (int64_t e = 0; e < kStep; ++e) filter_transform(half[e][i], o[e]);
        for (int j = 0; j < 6; ++j) {
          for (int64_t e = 0; e < kStep; ++e) both[e] = o[e][j];
          Math::put_filter(out + ((i * 6 + j) * s.in + c) * width + k * kStep, both);
        }
      }
    }
  }
}

// ---- products ---------------------------------------------------------------------------------

// m[t][0..16*Q) = sum over c of v[t][c] * u[c][0..16*Q), for Rows tiles.
template <int Rows, int Q>
inline void multiply(const Value* v, int64_t v_stride, const Value* u, int64_t channels, float* m,
                     int64_t m_stride) {
  v16 sum[Rows][Q];
#pragma GCC unroll 12
  for (int t = 0; t < Rows; ++t)
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q) sum[t][q] = _mm512_setzero_ps();
  for (int64_t c = 0; c < channels; c += kStep) {
    v16 w[Q];
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q) w[q] = Math::values(u + (c * Q + q * kStep) * kLanes);
#pragma GCC unroll 12
    for (int t = 0; t < Rows; ++t) {
      const v16 a = Math::broadcast(v + t * v_stride + c);
#pragma GCC unroll 2
      for (int q = 0; q < Q; ++q) sum[t][q] = Math::multiply_add(a, w[q], sum[t][q]);
    }
  }
#pragma GCC unroll 12
  for (int t = 0; t < Rows; ++t)
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q) store(m + t * m_stride + q * kLanes, sum[t][q]);
}

// Panel by panel of output channels: products of all frequencies, then the output transform.
template <class T>
void multiply_group(const WinogradShape& s, const Tiles& tiles, int64_t first, int64_t count,
                    const Value* v, const Value* u, int64_t from, int64_t width,
                    const float* bias, bool relu, T* out, float* m) {
  const int64_t v_stride = tile_stride(s.in), m_stride = tile_stride(width);
  for (int64_t f = 0; f < kFrequencies; ++f) {
    const Value* uf = u + f * s.in * width;
    for (int64_t t = 0; t < count; t += kRows) {
      const Value* vt = v + t * v_stride + f * s.in;
      float* mt = m + t * m_stride + f * width;
      if (width == kPanel) multiply<kRows, 2>(vt, v_stride, uf, s.in, mt, m_stride);
      else multiply<kRows, 1>(vt, v_stride, uf, s.in, mt, m_stride);
    }
  }
  for (int64_t t = 0; t < count; ++t)
    for (int64_t k = 0; k < width; k += kLanes)
      transform_output(s, m + t * m_stride + k, width, (from + k) / kLanes,
                       bias ? load(bias + from + k) : _mm512_setzero_ps(), relu,
                       Tile(tiles, first + t), out);
}

inline int64_t width_at(int64_t from, int64_t channels) {
  return channels - from < kPanel ? channels - from : kPanel;
}

inline int64_t round_up(int64_t n, int64_t to) { return (n + to - 1) / to * to; }

bool few_tiles(const WinogradShape& s) { return Tiles(s).count <= kFewTiles; }

// Many tiles: the filter is transformed once, then each thread takes groups of tiles from the
// input to the output. Few tiles (and many channels): the input is transformed once, then each
// thread takes panels of output channels, whose filters are transformed where they are used.
size_t convolve_scratch(const WinogradShape& s, int threads) {
  const int64_t m = kGroup * tile_stride(kPanel);
  if (few_tiles(s)) {
    const int64_t v = round_up(Tiles(s).count, kGroup) * tile_stride(s.in);
    return size_t(v + threads * (m + kFrequencies * s.in * kPanel));
  }
  return size_t(kFrequencies * s.in * s.out + threads * (m + kGroup * tile_stride(s.in)));
}

template <class X, class Y>
void convolve_of(const WinogradShape& s, const X* x, const float* filter, bool transposed,
                 const float* bias, bool relu, Y* out, float* scratch, int threads) {
  const Tiles tiles(s);
  const int64_t v_stride = tile_stride(s.in), groups = (tiles.count + kGroup - 1) / kGroup;
  const int64_t panels = (s.out + kPanel - 1) / kPanel, m_size = kGroup * tile_stride(kPanel);
  const auto group_size = [&](int64_t g) {
    return tiles.count - g * kGroup < kGroup ? tiles.count - g * kGroup : kGroup;
  };
  const auto put_into = [](Value* p) {
    return [p](int64_t at, v16 value) { Math::put(p + at, value); };
  };
  if (few_tiles(s)) {
    Value* v = reinterpret_cast<Value*>(scratch);
    float* rest = scratch + round_up(tiles.count, kGroup) * v_stride;
    const int64_t u_size = kFrequencies * s.in * kPanel;
#pragma omp parallel num_threads(threads)
    {
      float* m = rest + omp_get_thread_num() * (u_size + m_size);
      Value* u = reinterpret_cast<Value*>(m + m_size);
#pragma omp for schedule(static)
      for (int64_t t = 0; t < tiles.count; ++t)
        transform_input(s, x, s.in, Tile(tiles, t), by_tile(s.in), put_into(v + t * v_stride));
#pragma omp for schedule(dynamic, 1)
      for (int64_t p = 0; p < panels; ++p) {
        const int64_t from = p * kPanel, width = width_at(from, s.out);
        transform_filter(s, filter, transposed, from, width, u);
        for (int64_t g = 0; g < groups; ++g)
          multiply_group(s, tiles, g * kGroup, group_size(g), v + g * kGroup * v_stride, u, from,
                         width, bias, relu, out, m);
      }
    }
    return;
  }
  Value* u = reinterpret_cast<Value*>(scratch);
  float* rest = scratch + kFrequencies * s.in * s.out;
#pragma omp parallel num_threads(threads)
  {
    float* m = rest + omp_get_thread_num() * (kGroup * v_stride + m_size);
    Value* v = reinterpret_cast<Value*>(m + m_size);
#pragma omp for schedule(static)
    for (int64_t p = 0; p < panels; ++p)
      transform_filter(s, filter, transposed, p * kPanel, width_at(p * kPanel, s.out),
                       u + p * kPanel * kFrequencies * s.in);
#pragma omp for schedule(dynamic, 2)
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t first = g * kGroup, count = group_size(g);
      for (int64_t t = 0; t < count; ++t)
        transform_input(s, x, s.in, Tile(tiles, first + t), by_tile(s.in),
                        put_into(v + t * v_stride));
      for (int64_t p = 0; p < panels; ++p)
        multiply_group(s, tiles, first, count, v, u + p * kPanel * kFrequencies * s.in,
                       p * kPanel, width_at(p * kPanel, s.out), bias, relu, out, m);
    }
  }
}

void convolve(const WinogradShape& s, Array x, const float* filter, bool transposed,
              const float* bias, bool relu, Array out, float* scratch, int threads) {
  const auto run = [&](auto* from, auto* to) {
    convolve_of(s, from, filter, transposed, bias, relu, to, scratch, threads);
  };
  const bool hx = x.type == Type::bf16, ho = out.type == Type::bf16;
  if (hx && ho) run(static_cast<const bf16*>(x.data), static_cast<bf16*>(out.data));
  else if (hx) run(static_cast<const bf16*>(x.data), static_cast<float*>(out.data));
  else if (ho) run(static_cast<const float*>(x.data), static_cast<bf16*>(out.data));
  else run(static_cast<const float*>(x.data), static_cast<float*>(out.data));
}

// ---- the filter's gradient --------------------------------------------------------------------

constexpr int64_t kInputs = 8;  // input channels of the gradient's micro-kernel

// w[c][0..16*Q) (+)= sum over tiles of v[t][c] * y[t][0..16*Q), for kInputs channels c; the
// blocks of y lie y_step apart. Strides are from tile to tile, or from pair to pair of tiles.
template <int Q, bool Add>
inline void accumulate(const Value* v, int64_t v_stride, const Value* y, int64_t y_stride,
                       int64_t y_step, int64_t tiles, float* w, int64_t w_stride) {
  v16 sum[kInputs][Q];
#pragma GCC unroll 8
  for (int c = 0; c < kInputs; ++c)
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q)
      sum[c][q] = Add ? load(w + c * w_stride + q * kLanes) : _mm512_setzero_ps();
  for (int64_t t = 0; t < tiles; t += kStep, v += v_stride, y += y_stride) {
    v16 b[Q];
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q) b[q] = Math::values(y + q * y_step);
#pragma GCC unroll 8
    for (int c = 0; c < kInputs; ++c) {
      const v16 a = Math::broadcast(v + c * kStep);
#pragma GCC unroll 2
      for (int q = 0; q < Q; ++q) sum[c][q] = Math::multiply_add(a, b[q], sum[c][q]);
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kInputs; ++c)
#pragma GCC unroll 2
    for (int q = 0; q < Q; ++q) store(w + c * w_stride + q * kLanes, sum[c][q]);
}

template <bool Add>
inline void accumulate_panel(int64_t width, const Value* v, int64_t v_stride, const Value* y,
                             int64_t y_stride, int64_t y_step, int64_t tiles, float* w,
                             int64_t w_stride) {
  if (width == kPanel) accumulate<2, Add>(v, v_stride, y, y_stride, y_step, tiles, w, w_stride);
  else accumulate<1, Add>(v, v_stride, y, y_stride, y_step, tiles, w, w_stride);
}

// Sixteen output channels of one input channel from frequencies [36][stride] into HWIO.
inline void transform_filter_gradient(const WinogradShape& s, const float* w, int64_t stride,
                                      int64_t c, int64_t k, float* dfilter) {
  v16 half[3][6];
  for (int j = 0; j < 6; ++j) {
    v16 d[6], o[3];
    for (int i = 0; i < 6; ++i) d[i] = load(w + (i * 6 + j) * stride);
    filter_gradient_transform(d, o);
    for (int i = 0; i < 3; ++i) half[i][j] = o[i];
  }
  for (int i = 0; i < 3; ++i) {
    v16 o[3];
    filter_gradient_transform(half[i], o);
    for (int j = 0; j < 3; ++j)
      store(dfilter + ((i * 3 + j) * s.in + c) * s.out + k, o[j]);
  }
}

// Tiles summed up at a time: long enough to amortise the sums' loads and stores, short enough
// for both transforms to stay in the second-level cache.
int64_t gradient_group(const WinogradShape& s) {
  const int64_t tile = int64_t(sizeof(Value)) * kFrequencies * (s.in + s.out);
  const int64_t fit = 700 * 1024 / tile / 8 * 8, most = 64 * kStep;
  return fit < 16 ? 16 : (fit > most ? most : fit);
}

size_t gradient_scratch(const WinogradShape& s, int threads) {
  if (few_tiles(s))
    return size_t(round_up(Tiles(s).count, kStep) * kFrequencies * (s.in + s.out) +
                  threads * kFrequencies * kPanel * kPanel);
  const int64_t both = tile_stride(s.in) + tile_stride(s.out);
  return size_t(threads * (kFrequencies * s.in * s.out + gradient_group(s) * both));
}

template <class X, class Y>
void filter_gradient_of(const WinogradShape& s, const X* x, const Y* dy, float* dfilter,
                        float* scratch, int threads) {
  const Tiles tiles(s);
  const auto put_tile = [](Value* p, int64_t t) {
    return [p, second = t % kStep == 1](int64_t at, v16 value) {
      Math::put_tile(p + at * kStep, value, second);
    };
  };
  if (few_tiles(s)) {
    // Block by block of channels, [block][36][tile][16], so that the sums over all tiles stream.
    const int64_t per_tile = kLanes * kStep;
    const int64_t per_frequency = round_up(tiles.count, kStep) * kLanes;
    const int64_t per_block = kFrequencies * per_frequency;
    // put_tile scales offsets by kStep.
    const Place place{per_frequency / kStep, per_block / kStep};
    Value* v = reinterpret_cast<Value*>(scratch);
    Value* y = v + s.in / kLanes * per_block;
    float* rest = scratch + (s.in + s.out) / kLanes * per_block;
    const int64_t rows = (s.in + kPanel - 1) / kPanel, panels = (s.out + kPanel - 1) / kPanel;
#pragma omp parallel num_threads(threads)
    {
      float* w = rest + omp_get_thread_num() * kFrequencies * kPanel * kPanel;
#pragma omp for schedule(static)
      for (int64_t pair = 0; pair < tiles.count; pair += kStep)
        for (int64_t t = pair; t < pair + kStep && t < tiles.count; ++t) {
          transform_input(s, x, s.in, Tile(tiles, t), place,
                          put_tile(v + t / kStep * per_tile, t));
          transform_gradient(s, dy, s.out, Tile(tiles, t), place,
                             put_tile(y + t / kStep * per_tile, t));
        }
#pragma omp for collapse(2) schedule(static)
      for (int64_t p = 0; p < panels; ++p)
        for (int64_t r = 0; r < rows; ++r) {
          const int64_t k = p * kPanel, width = width_at(k, s.out);
          const int64_t c = r * kPanel, height = width_at(c, s.in);
          for (int64_t f = 0; f < kFrequencies; ++f)
            for (int64_t i = 0; i < height; i += kInputs)
              accumulate_panel<false>(width,
                                      v + (c + i) / kLanes * per_block + f * per_frequency +
                                          (c + i) % kLanes * kStep,
                                      per_tile, y + k / kLanes * per_block + f * per_frequency,
                                      per_tile, per_block, tiles.count,
                                      w + (f * height + i) * width, width);
          for (int64_t i = 0; i < height; ++i)
            for (int64_t q = 0; q < width; q += kLanes)
              transform_filter_gradient(s, w + i * width + q, height * width, c + i, k + q,
                                        dfilter);
        }
    }
    return;
  }
  const int64_t vs = tile_stride(s.in), ys = tile_stride(s.out);
  const int64_t size = kFrequencies * s.in * s.out, group = gradient_group(s);
  const int64_t groups = (tiles.count + group - 1) / group;
  const int64_t mine = size + group * (vs + ys);
  int used = 1;
#pragma omp parallel num_threads(threads)
  {
    float* w = scratch + omp_get_thread_num() * mine;
    Value* v = reinterpret_cast<Value*>(w + size);
    Value* y = v + group * vs;
#pragma omp single
    used = omp_get_num_threads();
    memset(w, 0, size_t(size) * sizeof(float));
#pragma omp for schedule(static)
    for (int64_t g = 0; g < groups; ++g) {
      const int64_t first = g * group;
      const int64_t count = tiles.count - first < group ? tiles.count - first : group;
      for (int64_t t = 0; t < count; ++t) {
        const Tile tile(tiles, first + t);
        const int64_t pair = t / kStep * kStep;
        transform_input(s, x, s.in, tile, by_tile(s.in), put_tile(v + pair * vs, t));
        transform_gradient(s, dy, s.out, tile, by_tile(s.out), put_tile(y + pair * ys, t));
      }
      for (int64_t f = 0; f < kFrequencies; ++f)
        for (int64_t from = 0; from < s.out; from += kPanel)
          for (int64_t c = 0; c < s.in; c += kInputs)
            accumulate_panel<true>(width_at(from, s.out), v + (f * s.in + c) * kStep, vs * kStep,
                                   y + (f * s.out + from) * kStep, ys * kStep, kLanes * kStep,
                                   count, w + (f * s.in + c) * s.out + from, s.out);
    }
#pragma omp for schedule(static)
    for (int64_t c = 0; c < s.in; ++c)
      for (int64_t k = 0; k < s.out; k += kLanes) {
        alignas(64) float sum[kFrequencies * kLanes];
        for (int64_t f = 0; f < kFrequencies; ++f) {
          const float* p = scratch + (f * s.in + c) * s.out + k;
          v16 total = load(p);
          for (int t = 1; t < used; ++t) total = total + load(p + t * mine);
          store(sum + f * kLanes, total);
        }
        transform_filter_gradient(s, sum, kLanes, c, k, dfilter);
      }
  }
}

void filter_gradient(const WinogradShape& s, Array x, Array dy, float* dfilter, float* scratch,
                     int threads) {
  const auto run = [&](auto* a, auto* b) {
    filter_gradient_of(s, a, b, dfilter, scratch, threads);
  };
  const bool hx = x.type == Type::bf16, hy = dy.type == Type::bf16;
  if (hx && hy) run(static_cast<const bf16*>(x.data), static_cast<const bf16*>(dy.data));
  else if (hx) run(static_cast<const bf16*>(x.data), static_cast<const float*>(dy.data));
  else if (hy) run(static_cast<const float*>(x.data), static_cast<const bf16*>(dy.data));
  else run(static_cast<const float*>(x.data), static_cast<const float*>(dy.data));
}

size_t scratch_floats(const WinogradShape& s, int threads, bool gradient) {
  return gradient ? gradient_scratch(s, threads) : convolve_scratch(s, threads);
}

}  // namespace

#ifdef WINOGRAD_BF16
extern const Winograd winograd_avx512_bf16;
const Winograd winograd_avx512_bf16 = {scratch_floats, convolve, filter_gradient};
#else
extern const Winograd winograd_avx512;
const Winograd winograd_avx512 = {scratch_floats, convolve, filter_gradient};
#endif

}  // namespace onednn_backend
