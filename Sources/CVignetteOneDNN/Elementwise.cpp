#include "Seam.hpp"

using dnnl::memory;

namespace {

seam::Key key(onednn_function function, onednn_type type, int64_t count) {
  seam::Key key;
  key.add(function);
  key.add(type);
  key.add(count);
  return key;
}

dnnl::eltwise_forward::primitive_desc describe(const seam::Function &function, const memory::desc &layout) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::eltwise_forward::primitive_desc(seam::engine(), dnnl::prop_kind::forward_training,
                                               function.algorithm, layout, layout, function.alpha, function.beta);
#else
  return dnnl::eltwise_forward::primitive_desc({dnnl::prop_kind::forward_training, function.algorithm, layout,
                                                function.alpha, function.beta},
                                               seam::engine());
#endif
}

dnnl::eltwise_backward::primitive_desc describe_backward(const seam::Function &function, const memory::desc &layout) {
  const auto forward = describe(function, layout);
#if DNNL_VERSION_MAJOR >= 3
  return dnnl::eltwise_backward::primitive_desc(seam::engine(), function.algorithm, layout, layout, layout,
                                                function.alpha, function.beta, forward);
#else
  return dnnl::eltwise_backward::primitive_desc({function.algorithm, layout, layout, function.alpha, function.beta},
                                                seam::engine(), forward);
#endif
}

memory::desc line(onednn_type type, int64_t count) {
  return memory::desc({count}, seam::data_type(type), memory::format_tag::a);
}

}  // namespace

int onednn_apply(onednn_function function, onednn_type type, int64_t count, const void *input, void *output) try {
  const seam::Inside inside;
  thread_local seam::Cache<dnnl::eltwise_forward> cache;
  const memory::desc layout = line(type, count);
  const seam::Key identity = key(function, type, count);
  dnnl::eltwise_forward *primitive = cache.find(identity);
  if (!primitive)
    primitive = &cache.insert(identity, dnnl::eltwise_forward(describe(seam::function(function), layout)));
  primitive->execute(seam::stream(), {{DNNL_ARG_SRC, memory(layout, seam::engine(), const_cast<void *>(input))},
                                      {DNNL_ARG_DST, memory(layout, seam::engine(), output)}});
  seam::stream().wait();
  return 0;
} catch (const std::exception &error) {
  return seam::fail(std::string("element-wise function: ") + error.what());
}

int onednn_apply_backward(onednn_function function, onednn_type type, int64_t count, const void *input,
                          const void *gradient_out, void *gradient_in) try {
  const seam::Inside inside;
  thread_local seam::Cache<dnnl::eltwise_backward> cache;
  const memory::desc layout = line(type, count);
  const seam::Key identity = key(function, type, count);
  dnnl::eltwise_backward *primitive = cache.find(identity);
  if (!primitive)
    primitive = &cache.insert(identity, dnnl::eltwise_backward(describe_backward(seam::function(function), layout)));
  primitive->execute(seam::stream(),
                     {{DNNL_ARG_SRC, memory(layout, seam::engine(), const_cast<void *>(input))},
                      {DNNL_ARG_DIFF_DST, memory(layout, seam::engine(), const_cast<void *>(gradient_out))},
                      {DNNL_ARG_DIFF_SRC, memory(layout, seam::engine(), gradient_in)}});
  seam::stream().wait();
  return 0;
} catch (const std::exception &error) {
  return seam::fail(std::string("gradient of an element-wise function: ") + error.what());
}
