// What JavaScript sees of this package: one function a kernel, all synchronous. Each environment
// (main thread, worker) has its own plans.
#include <omp.h>
#include <string.h>

#include <cstdlib>
#include <memory>

#include "call.h"
#include "winograd.h"

namespace onednn_backend {
namespace {

struct Instance {
  Convolutions convolutions;
  // Kept from call to call: fresh pages cost a fault each.
  std::unique_ptr<float, decltype(&free)> scratch{nullptr, free};
  size_t scratch_floats = 0;

  float* scratch_of(size_t floats) {
    if (floats > scratch_floats) {
      scratch.reset();
      scratch_floats = 0;
      void* p = nullptr;
      if (posix_memalign(&p, 64, floats * sizeof(float)) != 0)
        throw std::runtime_error("out of memory for a convolution's scratch");
      scratch.reset(static_cast<float*>(p));
      scratch_floats = floats;
    }
    return scratch.get();
  }
};

Instance& instance(napi_env env) {
  void* data = nullptr;
  Call::check(napi_get_instance_data(env, &data), "instance data");
  if (!data) throw std::runtime_error("the addon is shutting down");
  return *static_cast<Instance*>(data);
}

napi_value text(napi_env env, const std::string& s) {
  napi_value v;
  Call::check(napi_create_string_utf8(env, s.data(), s.size(), &v), "string");
  return v;
}

napi_value number(napi_env env, double d) {
  napi_value v;
  Call::check(napi_create_double(env, d, &v), "number");
  return v;
}

// The size of [n, blocks, pixels, lanes] given as four arguments.
struct Extent {
  int64_t n, blocks, pixels, lanes;
  Extent(const Call& c, size_t i)
      : n(c.size(i)), blocks(c.size(i + 1)), pixels(c.size(i + 2)), lanes(c.size(i + 3)) {}
  int64_t count() const { return n * blocks * pixels * lanes; }
  int64_t channels() const { return blocks * lanes; }
};

void same_type(const Array& a, const Array& b) {
  if (a.type != b.type) throw std::invalid_argument("element types differ");
}

// ---- machine ----------------------------------------------------------------------------------

napi_value version(const Call& c) {
  const dnnl_version_t* v = dnnl_version();
  return text(c.env(), std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
                           std::to_string(v->patch));
}

// What this was built from: the JavaScript beside it takes no other build.
napi_value sources(const Call& c) { return text(c.env(), NATIVE_SOURCES); }

napi_value instructions(const Call& c) { return text(c.env(), best_kernels().instructions); }

napi_value threads(const Call& c) { return number(c.env(), omp_get_max_threads()); }

napi_value set_threads(const Call& c) {
  const int64_t n = c.size(0);
  if (n < 1 || n > 1024) throw std::invalid_argument("threads have to be 1 to 1024");
  omp_set_num_threads(int(n));
  return nullptr;
}

napi_value supports_bf16(const Call& c) {
  bool yes = false;
#if defined(__x86_64__) || defined(_M_X64)
  const auto isa = unsigned(dnnl::get_effective_cpu_isa());
  const auto wanted = unsigned(dnnl::cpu_isa::avx512_core_bf16);
  yes = (isa & wanted) == wanted;
#endif
  napi_value v;
  Call::check(napi_get_boolean(c.env(), yes, &v), "boolean");
  return v;
}

napi_value allocate(const Call& c) {
  const size_t bytes = size_t(c.size(0));
  void* data = nullptr;
  if (posix_memalign(&data, 64, bytes ? bytes : 64) != 0)
    throw std::runtime_error("out of memory for " + std::to_string(bytes) + " bytes");
  napi_value buffer;
  const napi_status status = napi_create_external_arraybuffer(
      c.env(), data, bytes, [](napi_env, void* p, void*) { free(p); }, nullptr, &buffer);
  if (status != napi_ok) {
    // Some runtimes (Electron) forbid external buffers: let the runtime allocate.
    free(data);
    Call::check(napi_create_arraybuffer(c.env(), bytes, &data, &buffer), "array buffer");
  }
  return buffer;
}

// ---- kernels ----------------------------------------------------------------------------------

napi_value unary(const Call& c) {
  const int64_t op = c.size(0);
  if (op >= kUnaryCount) throw std::invalid_argument("no such operation");
  const Array out = c.array(4, 0, Type::f32);
  const Array x = c.array(3, int64_t(out.length), Type::f32);
  best_kernels().unary(int(op), float(c.number(1)), float(c.number(2)), x, out);
  return nullptr;
}

// (op, a, b, out, [dims..., strides of a..., strides of b...])
napi_value binary(const Call& c) {
  const int64_t op = c.size(0);
  if (op >= kBinaryCount) throw std::invalid_argument("no such operation");
  const auto geometry = c.integers(4, 3);
  const size_t rank = geometry.size() / 3;
  if (geometry.size() % 3 || rank < 1 || rank > 16)
    throw std::invalid_argument("bad broadcast geometry");
  int64_t count = 1, last_a = 0, last_b = 0;
  for (size_t d = 0; d < rank; ++d) {
    if (geometry[d] < 1 || geometry[rank + d] < 0 || geometry[2 * rank + d] < 0)
      throw std::invalid_argument("bad broadcast geometry");
    count *= geometry[d];
    last_a += (geometry[d] - 1) * geometry[rank + d];
    last_b += (geometry[d] - 1) * geometry[2 * rank + d];
  }
  const Array a = c.activation(1, last_a + 1), b = c.activation(2, last_b + 1);
  const Array out = c.array(3, count);
  if (op >= kArithmeticCount) {
    if (out.type != Type::u8 || a.type != Type::f32 || b.type != Type::f32)
      throw std::invalid_argument("comparisons go from float32 to bool");
  } else if (out.type != Type::f32 && out.type != Type::bf16) {
    throw std::invalid_argument("arithmetic is in float32 or bfloat16");
  }
  best_kernels().binary(int(op), a, b, out, int(rank), geometry.data(), geometry.data() + rank,
                        geometry.data() + 2 * rank);
  return nullptr;
}

napi_value reduce(const Call& c) {
  const int64_t op = c.size(0), outer = c.size(3), middle = c.size(4), inner = c.size(5);
  if (op >= kReductionCount) throw std::invalid_argument("no such reduction");
  best_kernels().reduce(int(op), c.array(1, outer * middle * inner, Type::f32),
                        c.array(2, outer * inner, Type::f32), outer, middle, inner);
  return nullptr;
}

napi_value channel_sums(const Call& c) {
  const Extent e(c, 2);
  best_kernels().channel_sums(c.activation(0, e.count()), c.floats(1, e.channels()), e.n,
                              e.blocks, e.pixels, e.lanes);
  return nullptr;
}

napi_value relu_grad(const Call& c) {
  const Extent e(c, 4);
  best_kernels().relu_grad(c.activation(0, e.count()), c.activation(1, e.count()),
                           c.activation(2, e.count()), c.floats_or_null(3, e.channels()), e.n,
                           e.blocks, e.pixels, e.lanes);
  return nullptr;
}

Window window(const Call& c, size_t i) {
  const auto v = c.integers(i, 12);
  for (size_t k = 0; k < 10; ++k)
    if (v[k] < 1) throw std::invalid_argument("bad pooling window");
  return {v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11]};
}

napi_value max_pool(const Call& c) {
  const int64_t batch = c.size(2), lanes = c.size(3);
  const Window w = window(c, 4);
  const Array x = c.activation(0, batch * w.h * w.w * lanes);
  const Array out = c.activation(1, batch * w.oh * w.ow * lanes);
  same_type(x, out);
  best_kernels().max_pool(x, out, batch, lanes, w);
  return nullptr;
}

napi_value max_pool_grad(const Call& c) {
  const int64_t batch = c.size(3), lanes = c.size(4);
  const Window w = window(c, 5);
  const Array dy = c.activation(0, batch * w.oh * w.ow * lanes);
  const Array x = c.activation(1, batch * w.h * w.w * lanes);
  const Array dx = c.activation(2, batch * w.h * w.w * lanes);
  same_type(x, dx);
  same_type(x, dy);
  best_kernels().max_pool_grad(dy, x, dx, batch, lanes, w);
  return nullptr;
}

Resize resize_of(const Call& c, size_t i) {
  const Resize r{c.size(i),     c.size(i + 1), c.size(i + 2), c.size(i + 3),
                 c.flag(i + 4), c.flag(i + 5), c.flag(i + 6)};
  if (r.h < 1 || r.w < 1 || r.oh < 1 || r.ow < 1) throw std::invalid_argument("empty image");
  return r;
}

napi_value resize(const Call& c) {
  const int64_t batch = c.size(2), lanes = c.size(3);
  const Resize r = resize_of(c, 4);
  best_kernels().resize(c.array(0, batch * r.h * r.w * lanes, Type::f32),
                        c.array(1, batch * r.oh * r.ow * lanes, Type::f32), batch, lanes, r);
  return nullptr;
}

napi_value resize_grad(const Call& c) {
  const int64_t batch = c.size(2), lanes = c.size(3);
  const Resize r = resize_of(c, 4);
  best_kernels().resize_grad(c.array(0, batch * r.oh * r.ow * lanes, Type::f32),
                             c.array(1, batch * r.h * r.w * lanes, Type::f32), batch, lanes, r);
  return nullptr;
}

napi_value batch_norm(const Call& c) {
  const Extent e(c, 7);
  const int64_t n = e.channels();
  best_kernels().batch_norm(c.array(0, e.count(), Type::f32), c.floats(1, n), c.floats(2, n),
                            c.floats_or_null(3, n), c.floats_or_null(4, n), float(c.number(5)),
                            c.array(6, e.count(), Type::f32), e.n, e.blocks, e.pixels, e.lanes);
  return nullptr;
}

// (x, y, sums of x, sums of x * y, extent)
napi_value channel_products(const Call& c) {
  const Extent e(c, 4);
  best_kernels().channel_products(c.activation(0, e.count()), c.activation(1, e.count()),
                                  c.floats(2, e.channels()), c.floats(3, e.channels()), e.n,
                                  e.blocks, e.pixels, e.lanes);
  return nullptr;
}

// (x, a, y or null, b or null, c, out, extent): out = x a + y b + c
napi_value channel_affine(const Call& c) {
  const Extent e(c, 6);
  const Array y = c.given(2) ? c.activation(2, e.count()) : Array{};
  best_kernels().channel_affine(c.activation(0, e.count()), y, c.floats(1, e.channels()),
                                y.data ? c.floats(3, e.channels()) : nullptr,
                                c.floats(4, e.channels()), c.activation(5, e.count()), e.n,
                                e.blocks, e.pixels, e.lanes);
  return nullptr;
}

napi_value bias_add(const Call& c) {
  const Extent e(c, 4);
  best_kernels().bias_add(c.activation(0, e.count()), c.floats(1, e.channels()),
                          c.activation(2, e.count()), c.flag(3), e.n, e.blocks, e.pixels,
                          e.lanes);
  return nullptr;
}

napi_value block(const Call& c) {
  const int64_t n = c.size(2), pixels = c.size(3), channels = c.size(4);
  if (channels % 16) throw std::invalid_argument("blocks hold 16 channels");
  best_kernels().block(c.activation(0, n * pixels * channels),
                       c.activation(1, n * pixels * channels), n, pixels, channels);
  return nullptr;
}

napi_value unblock(const Call& c) {
  const int64_t n = c.size(2), pixels = c.size(3), channels = c.size(4);
  if (channels % 16) throw std::invalid_argument("blocks hold 16 channels");
  best_kernels().unblock(c.activation(0, n * pixels * channels),
                         c.activation(1, n * pixels * channels), n, pixels, channels);
  return nullptr;
}

napi_value convert(const Call& c) {
  const Array to = c.activation(1, 0);
  best_kernels().convert(c.activation(0, int64_t(to.length)), to);
  return nullptr;
}

// (from, pitch, offset, to, pitch, offset, rows, width): a rectangle of a matrix into another.
napi_value copy_columns(const Call& c) {
  const int64_t from_pitch = c.size(1), from_offset = c.size(2);
  const int64_t to_pitch = c.size(4), to_offset = c.size(5), rows = c.size(6), width = c.size(7);
  if (rows == 0 || width == 0) return nullptr;
  const Array from = c.array(0, (rows - 1) * from_pitch + from_offset + width);
  const Array to = c.array(3, (rows - 1) * to_pitch + to_offset + width);
  same_type(from, to);
  const int64_t size = from.type == Type::bf16 ? 2 : (from.type == Type::u8 ? 1 : 4);
  const char* f = static_cast<const char*>(from.data) + from_offset * size;
  char* t = static_cast<char*>(to.data) + to_offset * size;
  const size_t bytes = size_t(width * size);
#pragma omp parallel for schedule(static) if (rows * width > 16384)
  for (int64_t r = 0; r < rows; ++r)
    memcpy(t + r * to_pitch * size, f + r * from_pitch * size, bytes);
  return nullptr;
}

napi_value dot(const Call& c) {
  const Extent e(c, 4);
  best_kernels().dot(c.activation(0, e.count()), c.floats(1, e.channels()),
                     c.floats_or_null(2, 1), c.floats(3, e.n * e.pixels), e.n, e.blocks,
                     e.pixels, e.lanes);
  return nullptr;
}

napi_value dot_data(const Call& c) {
  const Extent e(c, 3);
  best_kernels().dot_data(c.floats(0, e.n * e.pixels), c.floats(1, e.channels()),
                          c.activation(2, e.count()), e.n, e.blocks, e.pixels, e.lanes);
  return nullptr;
}

napi_value dot_filter(const Call& c) {
  const Extent e(c, 3);
  best_kernels().dot_filter(c.activation(0, e.count()), c.floats(1, e.n * e.pixels),
                            c.floats(2, e.channels()), e.n, e.blocks, e.pixels, e.lanes);
  return nullptr;
}

// (values, gradients, first moments, second moments, rate, beta1, beta2, epsilon, 1 - beta1^t,
// 1 - beta2^t): the whole of Adam's step, every variable in one call.
napi_value adam(const Call& c) {
  const auto values = c.arrays(0), gradients = c.arrays(1), ms = c.arrays(2), vs = c.arrays(3);
  const AdamStep step{float(c.number(4)), float(c.number(5)), float(c.number(6)),
                      float(c.number(7)), float(c.number(8)), float(c.number(9))};
  if (gradients.size() != values.size() || ms.size() != values.size() ||
      vs.size() != values.size())
    throw std::invalid_argument("as many gradients and moments as values are needed");
  for (size_t i = 0; i < values.size(); ++i) {
    const Array* all[] = {&values[i], &gradients[i], &ms[i], &vs[i]};
    for (const Array* a : all)
      if (a->type != Type::f32 || a->length != values[i].length)
        throw std::invalid_argument("variable " + std::to_string(i) +
                                    " and its gradient and moments differ in size or type");
  }
  for (size_t i = 0; i < values.size(); ++i)
    best_kernels().adam(static_cast<float*>(values[i].data),
                        static_cast<const float*>(gradients[i].data),
                        static_cast<float*>(ms[i].data), static_cast<float*>(vs[i].data),
                        int64_t(values[i].length), step);
  return nullptr;
}

// ---- convolutions -----------------------------------------------------------------------------

// ([n, h, w, c, oh, ow, k, kh, kw, sh, sw, dh, dw, top, left, bottom, right], kind, bias, relu,
// bf16, winograd)
napi_value conv_plan(const Call& c) {
  const auto s = c.integers(0, 17);
  const int64_t kind = c.size(1);
  if (kind > 2) throw std::invalid_argument("no such convolution");
  Convolutions& convolutions = instance(c.env()).convolutions;
  const int id = convolutions.plan({s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9],
                                    s[10], s[11], s[12], s[13], s[14], s[15], s[16]},
                                   ConvKind(kind), {c.flag(2), c.flag(3), c.flag(4), c.flag(5)});
  const ConvPlan& p = convolutions.at(id);
  napi_value result;
  Call::check(napi_create_object(c.env(), &result), "object");
  const auto set = [&](const char* name, napi_value v) {
    Call::check(napi_set_named_property(c.env(), result, name, v), name);
  };
  set("id", number(c.env(), id));
  set("src", number(c.env(), int(p.src)));
  set("dst", number(c.env(), int(p.dst)));
  set("weights", number(c.env(), p.weights));
  set("weightsBytes", number(c.env(), double(convolutions.packed_bytes(p.weights))));
  set("implementation", text(c.env(), p.implementation));
  return result;
}

napi_value conv_pack(const Call& c) {
  instance(c.env()).convolutions.pack(int(c.size(0)), c.array(1, 0), c.array(2, 0));
  return nullptr;
}

napi_value conv_unpack(const Call& c) {
  instance(c.env()).convolutions.unpack(int(c.size(0)), c.array(1, 0), c.array(2, 0));
  return nullptr;
}

napi_value conv_run(const Call& c) {
  Array bias;
  if (c.given(3)) bias = c.array(3, 1);
  instance(c.env()).convolutions.run(int(c.size(0)), c.array(1, 0), c.array(2, 0),
                                      c.given(3) ? &bias : nullptr, c.array(4, 0));
  return nullptr;
}

napi_value matmul(const Call& c) {
  instance(c.env()).convolutions.matmul(c.array(0, 0), c.array(1, 0), c.array(2, 0), c.size(3),
                                         c.size(4), c.size(5), c.size(6), c.size(7), c.flag(8),
                                         c.flag(9));
  return nullptr;
}

napi_value has_winograd(const Call& c) {
  napi_value v;
  const Winograd* w = c.flag(0) ? winograd_bf16() : winograd();
  Call::check(napi_get_boolean(c.env(), w != nullptr, &v), "boolean");
  return v;
}

const Winograd& winograd_for(bool bf16) {
  const Winograd* w = bf16 ? winograd_bf16() : winograd();
  if (!w) throw std::runtime_error("this processor lacks the instructions for Winograd's algorithm");
  return *w;
}

WinogradShape winograd_shape(const Call& c, size_t i) {
  const auto v = c.integers(i, 5);
  const WinogradShape s{v[0], v[1], v[2], v[3], v[4]};
  if (s.n < 1 || s.h < 1 || s.w < 1 || s.in < 16 || s.out < 16 || s.in % 16 || s.out % 16)
    throw std::invalid_argument("Winograd's algorithm works on blocks of 16 channels");
  return s;
}

// (x, filter, bias or null, out, [n, h, w, in, out], transposed, relu, bf16)
napi_value winograd_convolve(const Call& c) {
  const WinogradShape s = winograd_shape(c, 4);
  const int64_t pixels = s.n * s.h * s.w;
  const Array x = c.activation(0, pixels * s.in), out = c.activation(3, pixels * s.out);
  const float* filter = c.floats(1, 9 * s.in * s.out);
  const float* bias = c.floats_or_null(2, s.out);
  const int threads = omp_get_max_threads();
  const Winograd& w = winograd_for(c.flag(7));
  float* scratch = instance(c.env()).scratch_of(w.scratch(s, threads, false));
  w.convolve(s, x, filter, c.flag(5), bias, c.flag(6), out, scratch, threads);
  return nullptr;
}

// (x, dy, dfilter, [n, h, w, in, out], bf16)
napi_value winograd_filter(const Call& c) {
  const WinogradShape s = winograd_shape(c, 3);
  const int64_t pixels = s.n * s.h * s.w;
  const Array x = c.activation(0, pixels * s.in), dy = c.activation(1, pixels * s.out);
  float* dfilter = c.floats(2, 9 * s.in * s.out);
  const int threads = omp_get_max_threads();
  const Winograd& w = winograd_for(c.flag(4));
  float* scratch = instance(c.env()).scratch_of(w.scratch(s, threads, true));
  w.filter_gradient(s, x, dy, dfilter, scratch, threads);
  return nullptr;
}

// ---- registration -----------------------------------------------------------------------------

template <napi_value (*F)(const Call&)>
napi_value guarded(napi_env env, napi_callback_info info) {
  try {
    return F(Call(env, info));
  } catch (const dnnl::error& e) {
    napi_throw_error(env, "ONEDNN_ERROR", (std::string("oneDNN: ") + e.what()).c_str());
  } catch (const std::invalid_argument& e) {
    napi_throw_range_error(env, "ONEDNN_BAD_ARGUMENT", e.what());
  } catch (const std::exception& e) {
    napi_throw_error(env, "ONEDNN_ERROR", e.what());
  }
  return nullptr;
}

napi_value init(napi_env env, napi_value exports) {
  try {
    auto* data = new Instance();
    Call::check(napi_set_instance_data(
                    env, data, [](napi_env, void* p, void*) { delete static_cast<Instance*>(p); },
                    nullptr),
                "instance data");
    const auto add = [&](const char* name, napi_callback f) {
      napi_value v;
      Call::check(napi_create_function(env, name, NAPI_AUTO_LENGTH, f, nullptr, &v), name);
      Call::check(napi_set_named_property(env, exports, name, v), name);
    };
    add("version", guarded<version>);
    add("sources", guarded<sources>);
    add("instructions", guarded<instructions>);
    add("threads", guarded<threads>);
    add("setThreads", guarded<set_threads>);
    add("supportsBf16", guarded<supports_bf16>);
    add("allocate", guarded<allocate>);
    add("unary", guarded<unary>);
    add("binary", guarded<binary>);
    add("reduce", guarded<reduce>);
    add("channelSums", guarded<channel_sums>);
    add("reluGrad", guarded<relu_grad>);
    add("maxPool", guarded<max_pool>);
    add("maxPoolGrad", guarded<max_pool_grad>);
    add("resize", guarded<resize>);
    add("resizeGrad", guarded<resize_grad>);
    add("batchNorm", guarded<batch_norm>);
    add("channelProducts", guarded<channel_products>);
    add("channelAffine", guarded<channel_affine>);
    add("biasAdd", guarded<bias_add>);
    add("block", guarded<block>);
    add("unblock", guarded<unblock>);
    add("convert", guarded<convert>);
    add("copyColumns", guarded<copy_columns>);
    add("dot", guarded<dot>);
    add("dotData", guarded<dot_data>);
    add("dotFilter", guarded<dot_filter>);
    add("adam", guarded<adam>);
    add("convPlan", guarded<conv_plan>);
    add("convPack", guarded<conv_pack>);
    add("convUnpack", guarded<conv_unpack>);
    add("convRun", guarded<conv_run>);
    add("matmul", guarded<matmul>);
    add("hasWinograd", guarded<has_winograd>);
    add("winogradConvolve", guarded<winograd_convolve>);
    add("winogradFilter", guarded<winograd_filter>);
  } catch (const std::exception& e) {
    napi_throw_error(env, "ONEDNN_ERROR", e.what());
  }
  return exports;
}

}  // namespace
}  // namespace onednn_backend

NAPI_MODULE(NODE_GYP_MODULE_NAME, onednn_backend::init)
