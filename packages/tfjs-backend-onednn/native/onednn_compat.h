// oneDNN 2.x describes an operation in two steps (descriptor, then primitive descriptor), 3.x in
// one. These functions hide the difference.
#pragma once
#include <oneapi/dnnl/dnnl.hpp>

namespace onednn_backend {

#define ONEDNN_BACKEND_V3 (DNNL_VERSION_MAJOR >= 3)

struct ConvDescs {
  dnnl::memory::desc src, weights, bias, dst;
  dnnl::memory::dims strides, dilates, padding_l, padding_r;
  dnnl::algorithm algorithm;
};

inline dnnl::convolution_forward::primitive_desc forward_desc(const dnnl::engine& engine,
                                                              const ConvDescs& d,
                                                              const dnnl::primitive_attr& attr) {
  const auto kind = dnnl::prop_kind::forward_training;
#if ONEDNN_BACKEND_V3
  return {engine,    kind,       d.algorithm, d.src,       d.weights, d.bias,
          d.dst,     d.strides,  d.dilates,   d.padding_l, d.padding_r, attr};
#else
  return {{kind, d.algorithm, d.src, d.weights, d.bias, d.dst, d.strides, d.dilates, d.padding_l,
           d.padding_r},
          attr,
          engine};
#endif
}

inline dnnl::convolution_backward_data::primitive_desc backward_data_desc(
    const dnnl::engine& engine, const ConvDescs& d,
    const dnnl::convolution_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
#if ONEDNN_BACKEND_V3
  return {engine,    d.algorithm, d.src,       d.weights,   d.dst,
          d.strides, d.dilates,   d.padding_l, d.padding_r, hint, attr};
#else
  return {{d.algorithm, d.src, d.weights, d.dst, d.strides, d.dilates, d.padding_l, d.padding_r},
          attr,
          engine,
          hint};
#endif
}

inline dnnl::convolution_backward_weights::primitive_desc backward_weights_desc(
    const dnnl::engine& engine, const ConvDescs& d,
    const dnnl::convolution_forward::primitive_desc& hint, const dnnl::primitive_attr& attr) {
#if ONEDNN_BACKEND_V3
  return {engine,    d.algorithm, d.src,       d.weights,   d.bias, d.dst,
          d.strides, d.dilates,   d.padding_l, d.padding_r, hint,   attr};
#else
  return {{d.algorithm, d.src, d.weights, d.bias, d.dst, d.strides, d.dilates, d.padding_l,
           d.padding_r},
          attr,
          engine,
          hint};
#endif
}

inline dnnl::matmul::primitive_desc matmul_desc(const dnnl::engine& engine,
                                                const dnnl::memory::desc& a,
                                                const dnnl::memory::desc& b,
                                                const dnnl::memory::desc& c) {
#if ONEDNN_BACKEND_V3
  return {engine, a, b, c};
#else
  return {{a, b, c}, engine};
#endif
}

inline void append_relu(dnnl::post_ops& ops) {
#if ONEDNN_BACKEND_V3
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0.f, 0.f);
#else
  ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
#endif
}

}  // namespace onednn_backend
