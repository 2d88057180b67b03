// Arguments of a JavaScript call, checked. What is wrong becomes a C++ exception, and that a
// JavaScript error: no argument may crash the process.
#pragma once
#define NAPI_VERSION 8
#include <node_api.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "convolution.h"
#include "kernels.h"

namespace onednn_backend {

class Call {
 public:
  static constexpr size_t kMax = 20;

  Call(napi_env env, napi_callback_info info) : env_(env) {
    count_ = kMax;
    check(napi_get_cb_info(env, info, &count_, args_, nullptr, nullptr), "arguments");
  }

  napi_env env() const { return env_; }

  int64_t integer(size_t i) const {
    const double v = number(i);
    if (!(v >= -9e15 && v <= 9e15) || v != double(int64_t(v))) fail(i, "an integer");
    return int64_t(v);
  }

  // A size or a count.
  int64_t size(size_t i) const {
    const int64_t v = integer(i);
    if (v < 0) fail(i, "a size");
    return v;
  }

  double number(size_t i) const {
    double v = 0;
    if (i >= count_ || napi_get_value_double(env_, args_[i], &v) != napi_ok) fail(i, "a number");
    return v;
  }

  bool flag(size_t i) const {
    bool v = false;
    if (i >= count_ || napi_get_value_bool(env_, args_[i], &v) != napi_ok) fail(i, "a boolean");
    return v;
  }

  bool given(size_t i) const {
    napi_valuetype t = napi_undefined;
    return i < count_ && napi_typeof(env_, args_[i], &t) == napi_ok && t != napi_null &&
           t != napi_undefined;
  }

  // A typed array of at least this many values.
  Array array(size_t i, int64_t least) const {
    if (i >= count_) fail(i, "a typed array");
    return array_of(args_[i], i, least);
  }

  Array array(size_t i, int64_t least, Type type) const {
    const Array a = array(i, least);
    if (a.type != type) fail(i, "an array of another element type");
    return a;
  }

  // Activations: float32, or bfloat16 bits in a Uint16Array.
  Array activation(size_t i, int64_t least) const {
    const Array a = array(i, least);
    if (a.type != Type::f32 && a.type != Type::bf16) fail(i, "a Float32Array or Uint16Array");
    return a;
  }

  float* floats(size_t i, int64_t least) const {
    return static_cast<float*>(array(i, least, Type::f32).data);
  }

  float* floats_or_null(size_t i, int64_t least) const {
    return given(i) ? floats(i, least) : nullptr;
  }

  std::vector<int64_t> integers(size_t i, size_t least) const {
    const Array a = array(i, int64_t(least), Type::i32);
    const int32_t* p = static_cast<const int32_t*>(a.data);
    return std::vector<int64_t>(p, p + a.length);
  }

  std::vector<Array> arrays(size_t i) const {
    bool is = false;
    if (i >= count_ || napi_is_array(env_, args_[i], &is) != napi_ok || !is) fail(i, "an array");
    uint32_t n = 0;
    check(napi_get_array_length(env_, args_[i], &n), "an array");
    std::vector<Array> result;
    for (uint32_t k = 0; k < n; ++k) {
      napi_value v;
      check(napi_get_element(env_, args_[i], k, &v), "an array");
      result.push_back(array_of(v, i, 0));
    }
    return result;
  }

  static void check(napi_status status, const char* what) {
    if (status != napi_ok) throw std::runtime_error(std::string("Node-API: ") + what);
  }

 private:
  [[noreturn]] void fail(size_t i, const char* what) const {
    throw std::invalid_argument("argument " + std::to_string(i) + " is not " + what);
  }

  Array array_of(napi_value v, size_t i, int64_t least) const {
    bool is = false;
    if (napi_is_typedarray(env_, v, &is) != napi_ok || !is) fail(i, "a typed array");
    napi_typedarray_type t;
    size_t length = 0, offset = 0;
    void* data = nullptr;
    napi_value buffer;
    check(napi_get_typedarray_info(env_, v, &t, &length, &data, &buffer, &offset), "typed array");
    bool detached = false;
    if (napi_is_detached_arraybuffer(env_, buffer, &detached) == napi_ok && detached)
      throw std::invalid_argument("argument " + std::to_string(i) + " has a detached buffer");
    if (least > 0 && (length < size_t(least) || !data))
      throw std::invalid_argument("argument " + std::to_string(i) + " holds " +
                                  std::to_string(length) + " values, needs " +
                                  std::to_string(least));
    Array a;
    a.data = data;
    a.length = length;
    switch (t) {
      case napi_float32_array: a.type = Type::f32; break;
      case napi_uint16_array: a.type = Type::bf16; break;
      case napi_int32_array: a.type = Type::i32; break;
      case napi_uint8_array: a.type = Type::u8; break;
      default: fail(i, "a Float32Array, Uint16Array, Int32Array or Uint8Array");
    }
    return a;
  }

  napi_env env_;
  napi_value args_[kMax];
  size_t count_ = 0;
};

}  // namespace onednn_backend
