#include "convolution.h"

#include <stdexcept>

namespace onednn_backend {

using dnnl::memory;
using type = memory::data_type;
using tag = memory::format_tag;

namespace {

bool is_bf16(Layout l) { return l == Layout::blocked_bf16 || l == Layout::nhwc_bf16; }
bool is_blocked(Layout l) { return l == Layout::blocked_f32 || l == Layout::blocked_bf16; }

memory::desc activation_desc(int64_t n, int64_t c, int64_t h, int64_t w, Layout layout) {
  // With one channel NHWC and NCHW are the same bytes; oneDNN's first-layer kernels know NCHW.
  const auto format = is_blocked(layout) ? tag::nChw16c : (c == 1 ? tag::nchw : tag::nhwc);
  return {{n, c, h, w}, is_bf16(layout) ? type::bf16 : type::f32, format};
}

size_t elements(const memory::desc& d) {
  const auto dims = const_cast<memory::desc&>(d)
#if ONEDNN_BACKEND_V3
                        .get_dims();
#else
                        .dims();
#endif
  size_t n = 1;
  for (const auto v : dims) n *= size_t(v);
  return n;
}

void require(const Array& a, size_t length, Type t, const char* what) {
  if (a.type != t) throw std::invalid_argument(std::string(what) + " has the wrong element type");
  if (a.length < length)
    throw std::invalid_argument(std::string(what) + " holds " + std::to_string(a.length) +
                                " values, needs " + std::to_string(length));
}

}  // namespace

Convolutions::Convolutions() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

const ConvPlan& Convolutions::at(int id) const {
  if (id < 0 || size_t(id) >= plans_.size()) throw std::invalid_argument("no such plan");
  return *plans_[size_t(id)];
}

Convolutions::Packed& Convolutions::packed_at(int id) {
  if (id < 0 || size_t(id) >= packed_.size()) throw std::invalid_argument("no such filter layout");
  return *packed_[size_t(id)];
}

size_t Convolutions::packed_bytes(int id) const {
  return const_cast<Convolutions*>(this)->packed_at(id).packed.get_size();
}

int Convolutions::intern(const memory::desc& hwio, const memory::desc& packed) {
  for (size_t i = 0; i < packed_.size(); ++i)
    if (packed_[i]->packed == packed && packed_[i]->hwio == hwio) return int(i);
  packed_.push_back(std::make_unique<Packed>());
  packed_.back()->hwio = hwio;
  packed_.back()->packed = packed;
  return int(packed_.size() - 1);
}

bool Convolutions::try_plan(const ConvShape& s, ConvKind kind, const ConvOptions& o, Layout src,
                            Layout dst, bool winograd, ConvPlan& plan) {
  const auto weights_type = is_bf16(src) || is_bf16(dst) ? type::bf16 : type::f32;
  ConvDescs d{activation_desc(s.n, s.c, s.h, s.w, src),
              memory::desc({s.k, s.c, s.kh, s.kw}, weights_type, tag::any),
              o.bias ? memory::desc({s.k}, type::f32, tag::x) : memory::desc(),
              activation_desc(s.n, s.k, s.oh, s.ow, dst),
              {s.sh, s.sw},
              {s.dh - 1, s.dw - 1},
              {s.top, s.left},
              {s.bottom, s.right},
              winograd ? dnnl::algorithm::convolution_winograd
                       : dnnl::algorithm::convolution_direct};
  const memory::desc hwio({s.k, s.c, s.kh, s.kw}, type::f32, tag::hwio);
  try {
    dnnl::primitive_attr attr;
    if (kind == ConvKind::forward) {
      dnnl::post_ops ops;
      if (o.relu) append_relu(ops);
      attr.set_post_ops(ops);
      const auto pd = forward_desc(engine_, d, attr);
      plan.implementation = pd.impl_info_str();
      plan.weights = intern(hwio, pd.weights_desc());
      plan.primitive = dnnl::convolution_forward(pd);
    } else {
      ConvDescs hint_descs = d;
      hint_descs.bias = memory::desc();
      hint_descs.weights = memory::desc({s.k, s.c, s.kh, s.kw}, weights_type, tag::any);
      hint_descs.algorithm = dnnl::algorithm::convolution_direct;
      const auto hint = forward_desc(engine_, hint_descs, dnnl::primitive_attr());
      if (kind == ConvKind::backward_data) {
        const auto pd = backward_data_desc(engine_, d, hint, attr);
        plan.implementation = pd.impl_info_str();
        plan.weights = intern(hwio, pd.weights_desc());
        plan.primitive = dnnl::convolution_backward_data(pd);
      } else {
        // Gradients of the filter stay float32, whatever the activations are.
        d.weights = memory::desc({s.k, s.c, s.kh, s.kw}, type::f32, tag::any);
        const auto pd = backward_weights_desc(engine_, d, hint, attr);
        plan.implementation = pd.impl_info_str();
        plan.weights = intern(hwio, pd.diff_weights_desc());
        plan.primitive = dnnl::convolution_backward_weights(pd);
      }
    }
  } catch (const dnnl::error&) {
    return false;
  }
  plan.kind = kind;
  plan.bias = o.bias;
  plan.src = src;
  plan.dst = dst;
  plan.src_desc = d.src;
  plan.dst_desc = d.dst;
  plan.bias_desc = d.bias;
  return true;
}

int Convolutions::plan(const ConvShape& s, ConvKind kind, const ConvOptions& o) {
  const int64_t all[] = {s.n, s.h, s.w, s.c, s.oh, s.ow, s.k, s.kh, s.kw, s.sh, s.sw, s.dh, s.dw};
  for (const int64_t v : all)
    if (v < 1) throw std::invalid_argument("convolution sizes have to be positive");
  const Layout wide = o.bf16 ? Layout::blocked_bf16 : Layout::blocked_f32;
  const Layout narrow = o.bf16 ? Layout::nhwc_bf16 : Layout::nhwc_f32;
  const Layout src = s.c % 16 == 0 ? wide : narrow, dst = s.k % 16 == 0 ? wide : narrow;
  const bool winograd = o.winograd && !o.bf16 && s.kh == 3 && s.kw == 3 && s.sh == 1 &&
                        s.sw == 1 && s.dh == 1 && s.dw == 1 && s.c % 16 == 0 && s.k % 16 == 0;
  auto best = std::make_unique<ConvPlan>();
  bool found = winograd && try_plan(s, kind, o, src, dst, true, *best);
  // In bfloat16 oneDNN lacks some shapes (few input channels): those are left in float32.
  const Layout candidates[][2] = {
      {src, dst},
      {narrow, narrow},
      {src, narrow},
      {narrow, dst},
      {s.c % 16 == 0 ? Layout::blocked_f32 : Layout::nhwc_f32,
       s.k % 16 == 0 ? Layout::blocked_f32 : Layout::nhwc_f32},
      {Layout::nhwc_f32, Layout::nhwc_f32}};
  for (const auto& c : candidates) {
    // oneDNN's reference implementations are scalar loops: a last resort.
    if (found && best->implementation.find("ref") == std::string::npos) break;
    ConvPlan next{};
    if (!try_plan(s, kind, o, c[0], c[1], false, next)) continue;
    if (found && next.implementation.find("ref") != std::string::npos) continue;
    *best = std::move(next);
    found = true;
  }
  if (!found) throw std::invalid_argument("oneDNN has no such convolution");
  plans_.push_back(std::move(best));
  return int(plans_.size() - 1);
}

void Convolutions::pack(int id, const Array& hwio, const Array& packed) {
  Packed& p = packed_at(id);
  require(hwio, elements(p.hwio), Type::f32, "filter");
  if (packed.length * (packed.type == Type::bf16 ? 2 : 4) < p.packed.get_size())
    throw std::invalid_argument("packed filter is too short");
  memory from(p.hwio, engine_, hwio.data), to(p.packed, engine_, packed.data);
  if (!p.can_pack) {
    p.pack = dnnl::reorder(from, to);
    p.can_pack = true;
  }
  p.pack.execute(stream_, from, to);
  stream_.wait();
}

void Convolutions::unpack(int id, const Array& packed, const Array& hwio) {
  Packed& p = packed_at(id);
  require(hwio, elements(p.hwio), Type::f32, "filter");
  if (packed.length * 4 < p.packed.get_size())
    throw std::invalid_argument("packed filter is too short");
  memory from(p.packed, engine_, packed.data), to(p.hwio, engine_, hwio.data);
  if (!p.can_unpack) {
    p.unpack = dnnl::reorder(from, to);
    p.can_unpack = true;
  }
  p.unpack.execute(stream_, from, to);
  stream_.wait();
}

void Convolutions::run(int id, const Array& src, const Array& weights, const Array* bias,
                       const Array& dst) {
  const ConvPlan& p = at(id);
  const bool filter_gradient = p.kind == ConvKind::backward_filter;
  require(src, elements(p.src_desc), is_bf16(p.src) ? Type::bf16 : Type::f32, "x");
  require(dst, elements(p.dst_desc), is_bf16(p.dst) ? Type::bf16 : Type::f32, "y");
  const memory::desc& weights_desc = packed_at(p.weights).packed;
  if (weights.length * (weights.type == Type::bf16 ? 2 : 4) < weights_desc.get_size())
    throw std::invalid_argument("packed filter is too short");
  if (p.bias) {
    if (!bias) throw std::invalid_argument("this convolution takes a bias");
    require(*bias, elements(p.bias_desc), Type::f32, "bias");
  }
  std::unordered_map<int, memory> args;
  const auto give = [&](int name, const memory::desc& desc, const Array& a) {
    args.emplace(name, memory(desc, engine_, a.data));
  };
  if (p.kind == ConvKind::forward) {
    give(DNNL_ARG_SRC, p.src_desc, src);
    give(DNNL_ARG_WEIGHTS, weights_desc, weights);
    if (p.bias) give(DNNL_ARG_BIAS, p.bias_desc, *bias);
    give(DNNL_ARG_DST, p.dst_desc, dst);
  } else if (filter_gradient) {
    give(DNNL_ARG_SRC, p.src_desc, src);
    give(DNNL_ARG_DIFF_WEIGHTS, weights_desc, weights);
    if (p.bias) give(DNNL_ARG_DIFF_BIAS, p.bias_desc, *bias);
    give(DNNL_ARG_DIFF_DST, p.dst_desc, dst);
  } else {
    give(DNNL_ARG_DIFF_SRC, p.src_desc, src);
    give(DNNL_ARG_WEIGHTS, weights_desc, weights);
    give(DNNL_ARG_DIFF_DST, p.dst_desc, dst);
  }
  p.primitive.execute(stream_, args);
  stream_.wait();
}

void Convolutions::matmul(const Array& a, const Array& b, const Array& c, int64_t batch_a,
                          int64_t batch_b, int64_t m, int64_t k, int64_t n, bool transpose_a,
                          bool transpose_b) {
  const int64_t batch = batch_a > batch_b ? batch_a : batch_b;
  require(a, size_t(batch_a * m * k), Type::f32, "a");
  require(b, size_t(batch_b * k * n), Type::f32, "b");
  require(c, size_t(batch * m * n), Type::f32, "result");
  const memory::desc da({batch_a, m, k}, type::f32, transpose_a ? tag::acb : tag::abc);
  const memory::desc db({batch_b, k, n}, type::f32, transpose_b ? tag::acb : tag::abc);
  const memory::desc dc({batch, m, n}, type::f32, tag::abc);
  // Primitives are cached by oneDNN itself; these are rare beside convolutions.
  dnnl::matmul(matmul_desc(engine_, da, db, dc))
      .execute(stream_, {{DNNL_ARG_SRC, memory(da, engine_, a.data)},
                         {DNNL_ARG_WEIGHTS, memory(db, engine_, b.data)},
                         {DNNL_ARG_DST, memory(dc, engine_, c.data)}});
  stream_.wait();
}

}  // namespace onednn_backend
