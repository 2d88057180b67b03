// Convolutions through oneDNN. A plan is one primitive for one shape, made once and cached by the
// caller; it says which layouts it wants its tensors in.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernels.h"
#include "onednn_compat.h"

namespace onednn_backend {

enum class Layout : int { nhwc_f32, blocked_f32, blocked_bf16, nhwc_bf16 };

enum class ConvKind : int { forward, backward_data, backward_filter };

struct ConvShape {
  int64_t n, h, w, c, oh, ow, k, kh, kw, sh, sw, dh, dw, top, left, bottom, right;
};

struct ConvOptions {
  bool bias, relu, bf16, winograd;
};

struct ConvPlan {
  ConvKind kind;
  bool bias;
  Layout src, dst;
  int weights;  // id of the packed filter layout
  std::string implementation;
  dnnl::memory::desc src_desc, dst_desc, bias_desc;
  dnnl::primitive primitive;
};

class Convolutions {
 public:
  Convolutions();
  int plan(const ConvShape& shape, ConvKind kind, const ConvOptions& options);
  const ConvPlan& at(int id) const;
  size_t packed_bytes(int weights) const;
  // The filter between TensorFlow's HWIO and a plan's own layout.
  void pack(int weights, const Array& hwio, const Array& packed);
  void unpack(int weights, const Array& packed, const Array& hwio);
  // src and dst as the forward convolution calls them, whichever of them this plan writes.
  void run(int plan, const Array& src, const Array& weights, const Array* bias, const Array& dst);
  // c = a * b for row-major [batch, m, k] and [batch, k, n], either transposed.
  void matmul(const Array& a, const Array& b, const Array& c, int64_t batch_a, int64_t batch_b,
              int64_t m, int64_t k, int64_t n, bool transpose_a, bool transpose_b);

 private:
  struct Packed {
    dnnl::memory::desc hwio, packed;
    dnnl::reorder pack, unpack;
    bool can_pack = false, can_unpack = false;
  };
  int intern(const dnnl::memory::desc& hwio, const dnnl::memory::desc& packed);
  Packed& packed_at(int id);
  bool try_plan(const ConvShape& s, ConvKind kind, const ConvOptions& o, Layout src, Layout dst,
                bool winograd, ConvPlan& plan);

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<std::unique_ptr<ConvPlan>> plans_;
  std::vector<std::unique_ptr<Packed>> packed_;
};

}  // namespace onednn_backend
