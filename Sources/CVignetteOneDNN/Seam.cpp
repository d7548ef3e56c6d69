#include "Seam.hpp"

namespace seam {

dnnl::engine &engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream &stream() {
  thread_local dnnl::stream stream(engine());
  return stream;
}

static std::string &last_error() {
  thread_local std::string message;
  return message;
}

int fail(const std::string &message) {
  last_error() = message;
  return -1;
}

dnnl::memory::desc descriptor(const onednn_array &array) {
  dnnl::memory::dims dims(array.dims, array.dims + array.rank);
  dnnl::memory::dims strides(array.strides, array.strides + array.rank);
  return dnnl::memory::desc(dims, data_type(array.type), strides);
}

Function function(onednn_function function) {
  using dnnl::algorithm;
  switch (function) {
    case ONEDNN_GELU_ERF: return {algorithm::eltwise_gelu_erf, 0, 0};
    case ONEDNN_GELU_TANH: return {algorithm::eltwise_gelu_tanh, 0, 0};
    case ONEDNN_RELU: return {algorithm::eltwise_relu, 0, 0};
    case ONEDNN_SWISH: return {algorithm::eltwise_swish, 1, 0};
    case ONEDNN_TANH: return {algorithm::eltwise_tanh, 0, 0};
    case ONEDNN_LOGISTIC: return {algorithm::eltwise_logistic, 0, 0};
    case ONEDNN_QUICK_GELU: return {algorithm::eltwise_swish, 1.702f, 0};
    case ONEDNN_IDENTITY: break;
  }
  return {algorithm::eltwise_linear, 1, 0};
}

}  // namespace seam

const char *onednn_last_error(void) { return seam::last_error().c_str(); }

const char *onednn_version_text(void) {
  static const std::string text = [] {
    const dnnl_version_t *version = dnnl_version();
    return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
           std::to_string(version->patch);
  }();
  return text.c_str();
}
