// The floor of a training step: the U-Net's eighteen 3x3 convolutions alone, forward, backward
// data and backward weights, on random data, in oneDNN.
//
//   g++ -O2 -std=c++17 -fopenmp floor.cpp -o build/floor -ldnnl
//
//   floor [--layout blocked|nhwc] [--type f32|bf16] [--algorithm direct|winograd|auto]
//         [--batch 32] [--size 64x80] [--repeat 5] [--verbose]
//
// Prints images/s of the whole step, of the forward pass alone, and the time of each part.
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <unordered_map>
#include <vector>

using dnnl::memory;
using dnnl::prop_kind;
using dt = memory::data_type;
using tag = memory::format_tag;

namespace {

struct Layer {
  int level, in, out;
};

// Encoder, bottleneck, decoder of the 32..512 U-Net; the decoder's first convolutions read the
// concatenation of a skip connection and the upsampled level below.
const Layer kLayers[] = {{0, 1, 32},    {0, 32, 32},   {1, 32, 64},   {1, 64, 64},   {2, 64, 128},
                         {2, 128, 128}, {3, 128, 256}, {3, 256, 256}, {4, 256, 512}, {4, 512, 512},
                         {3, 512, 256}, {3, 256, 256}, {2, 256, 128}, {2, 128, 128}, {1, 128, 64},
                         {1, 64, 64},   {0, 64, 32},   {0, 32, 32}};

double now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Op {
  dnnl::primitive primitive;
  std::unordered_map<int, memory> args;
  std::string impl;
  int kind;  // 0 forward, 1 backward data, 2 backward weights
  double flops;
};

void fill(memory& m) {
  const size_t bytes = m.get_desc().get_size();
  if (m.get_desc().data.data_type == dnnl_bf16) {
    auto* p = static_cast<uint16_t*>(m.get_data_handle());
    for (size_t i = 0; i < bytes / 2; ++i) p[i] = 0x3c00 + (rand() & 0x80ff);
  } else {
    auto* p = static_cast<float*>(m.get_data_handle());
    for (size_t i = 0; i < bytes / 4; ++i) p[i] = (rand() % 2001 - 1000) * 1e-3f;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string layout = "blocked", type = "f32", algorithm = "direct";
  int batch = 32, height = 64, width = 80, repeat = 5;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string a = argv[i];
    if (a == "--verbose") verbose = true;
    else if (i + 1 >= argc) return fprintf(stderr, "%s takes a value\n", a.c_str()), 2;
    else if (a == "--layout") layout = argv[++i];
    else if (a == "--type") type = argv[++i];
    else if (a == "--algorithm") algorithm = argv[++i];
    else if (a == "--batch") batch = atoi(argv[++i]);
    else if (a == "--repeat") repeat = atoi(argv[++i]);
    else if (a == "--size") sscanf(argv[++i], "%dx%d", &height, &width);
    else return fprintf(stderr, "unknown option %s\n", a.c_str()), 2;
  }
  const auto act = type == "bf16" ? dt::bf16 : dt::f32;
  const auto algo = algorithm == "winograd" ? dnnl::algorithm::convolution_winograd
                    : algorithm == "auto"   ? dnnl::algorithm::convolution_auto
                                            : dnnl::algorithm::convolution_direct;
  const auto data_tag = layout == "nhwc" ? tag::nhwc : tag::any;

  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  std::vector<Op> ops;
  for (const Layer& l : kLayers) {
    const long h = height >> l.level, w = width >> l.level;
    memory::desc src({batch, l.in, h, w}, act, l.in == 1 ? tag::nchw : data_tag);
    memory::desc dst({batch, l.out, h, w}, act, data_tag);
    memory::desc wei({l.out, l.in, 3, 3}, act, tag::any);
    memory::desc dwei({l.out, l.in, 3, 3}, dt::f32, tag::any);
    memory::desc bias({l.out}, dt::f32, tag::x);
    const memory::dims one{1, 1};
    const double flops = 2.0 * batch * h * w * 9 * l.in * l.out;
    auto forward = [&](dnnl::algorithm a) {
      dnnl::post_ops relu;
      relu.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
      dnnl::primitive_attr attr;
      attr.set_post_ops(relu);
      return dnnl::convolution_forward::primitive_desc(
          {prop_kind::forward_training, a, src, wei, bias, dst, one, one, one}, attr, engine);
    };
    auto fwd = [&] {
      try {
        return forward(algo);
      } catch (dnnl::error&) {
        return forward(dnnl::algorithm::convolution_direct);
      }
    }();
    auto make = [&](const memory::desc& d) {
      memory m(d, engine);
      fill(m);
      return m;
    };
    ops.push_back({dnnl::convolution_forward(fwd),
                   {{DNNL_ARG_SRC, make(fwd.src_desc())},
                    {DNNL_ARG_WEIGHTS, make(fwd.weights_desc())},
                    {DNNL_ARG_BIAS, make(fwd.bias_desc())},
                    {DNNL_ARG_DST, make(fwd.dst_desc())}},
                   fwd.impl_info_str(), 0, flops});
    if (l.in > 1) {
      auto backward = [&](dnnl::algorithm a) {
        return dnnl::convolution_backward_data::primitive_desc({a, src, wei, dst, one, one, one},
                                                               engine, fwd);
      };
      auto bwd = [&] {
        try {
          return backward(algo);
        } catch (dnnl::error&) {
          return backward(dnnl::algorithm::convolution_direct);
        }
      }();
      ops.push_back({dnnl::convolution_backward_data(bwd),
                     {{DNNL_ARG_DIFF_SRC, make(bwd.diff_src_desc())},
                      {DNNL_ARG_WEIGHTS, make(bwd.weights_desc())},
                      {DNNL_ARG_DIFF_DST, make(bwd.diff_dst_desc())}},
                     bwd.impl_info_str(), 1, flops});
    }
    auto weights = [&](dnnl::algorithm a) {
      return dnnl::convolution_backward_weights::primitive_desc(
          {a, src, dwei, bias, dst, one, one, one}, engine, fwd);
    };
    auto bww = [&] {
      try {
        return weights(algo);
      } catch (dnnl::error&) {
        return weights(dnnl::algorithm::convolution_direct);
      }
    }();
    ops.push_back({dnnl::convolution_backward_weights(bww),
                   {{DNNL_ARG_SRC, make(bww.src_desc())},
                    {DNNL_ARG_DIFF_WEIGHTS, make(bww.diff_weights_desc())},
                    {DNNL_ARG_DIFF_BIAS, make(bww.diff_bias_desc())},
                    {DNNL_ARG_DIFF_DST, make(bww.diff_dst_desc())}},
                   bww.impl_info_str(), 2, flops});
  }

  std::vector<std::vector<double>> times(ops.size());
  std::vector<double> totals, forwards;
  for (int r = 0; r <= repeat; ++r) {
    double total = 0, forward = 0;
    for (size_t i = 0; i < ops.size(); ++i) {
      const double start = now();
      ops[i].primitive.execute(stream, ops[i].args);
      stream.wait();
      const double ms = now() - start;
      if (r) times[i].push_back(ms);
      total += ms;
      if (ops[i].kind == 0) forward += ms;
    }
    if (r) totals.push_back(total), forwards.push_back(forward);
  }
  auto median = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  };
  if (verbose) {
    const char* names[] = {"forward", "backward data", "backward weights"};
    for (size_t i = 0; i < ops.size(); ++i) {
      const double ms = median(times[i]);
      printf("%-18s %8.2f ms %7.0f GFLOP/s  %s\n", names[ops[i].kind], ms, ops[i].flops / ms / 1e6,
             ops[i].impl.c_str());
    }
  }
  double parts[3] = {0, 0, 0};
  for (size_t i = 0; i < ops.size(); ++i) parts[ops[i].kind] += median(times[i]);
  printf("%s %s %s: %.1f images/s a step, %.1f forward alone (ms: forward %.0f, data %.0f, "
         "weights %.0f; threads %d)\n",
         type.c_str(), layout.c_str(), algorithm.c_str(), batch * 1000 / median(totals),
         batch * 1000 / median(forwards), parts[0], parts[1], parts[2], omp_get_max_threads());
}
