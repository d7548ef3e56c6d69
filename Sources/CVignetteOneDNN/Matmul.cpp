#include <new>
#include <vector>

#include "CVignetteMemory.h"
#include "Seam.hpp"

using dnnl::matmul;
using dnnl::memory;

namespace {

struct Prepared {
  matmul::primitive_desc description;
  matmul primitive;
  memory left, right, bias, residual, output;
};

matmul::primitive_desc describe(const memory::desc &left, const memory::desc &right, const memory::desc *bias,
                                const memory::desc &output, const dnnl::primitive_attr &attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return bias ? matmul::primitive_desc(seam::engine(), left, right, *bias, output, attributes)
              : matmul::primitive_desc(seam::engine(), left, right, output, attributes);
#else
  matmul::desc operation = bias ? matmul::desc(left, right, *bias, output) : matmul::desc(left, right, output);
  return matmul::primitive_desc(operation, attributes, seam::engine());
#endif
}

void append(dnnl::post_ops &operations, dnnl::algorithm algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(algorithm, alpha, beta);
#else
  operations.append_eltwise(1, algorithm, alpha, beta);
#endif
}

seam::Key key(const onednn_matmul_call &call) {
  seam::Key key;
  key.add(call.left);
  if (call.packed) {
    // Packed layouts of one size and type are alike, so the descriptor itself need not be compared.
    key.add(call.packed->rows);
    key.add(call.packed->columns);
    key.add(call.packed->descriptor.get_size());
    key.add(call.packed->descriptor.data_type());
  } else {
    key.add(call.right);
  }
  key.add(call.output);
  if (call.residual) key.add(*call.residual);
  key.add(call.function);
  key.add(call.scale);
  const int flags = (call.bias ? 1 : 0) | (call.residual ? 2 : 0) | (call.accumulate ? 4 : 0) | (call.packed ? 8 : 0);
  key.add(flags);
  return key;
}

Prepared prepare(const onednn_matmul_call &call) {
  const memory::desc left = seam::descriptor(call.left);
  const memory::desc right = call.packed ? call.packed->descriptor : seam::descriptor(call.right);
  const memory::desc output = seam::descriptor(call.output);
  dnnl::post_ops operations;
  if (call.scale != 1) append(operations, dnnl::algorithm::eltwise_linear, call.scale, 0);
  if (call.function != ONEDNN_IDENTITY) {
    const seam::Function function = seam::function(call.function);
    append(operations, function.algorithm, function.alpha, function.beta);
  }
  memory::desc residual;
  if (call.residual) {
    residual = seam::descriptor(*call.residual);
    operations.append_binary(dnnl::algorithm::binary_add, residual);
  }
  if (call.accumulate) operations.append_sum(1);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(operations);

  memory::desc bias;
  if (call.bias) {
    memory::dims dims(call.output.rank, 1), strides(call.output.rank, call.output.dims[call.output.rank - 1]);
    dims.back() = call.output.dims[call.output.rank - 1];
    strides.back() = 1;
    bias = memory::desc(dims, memory::data_type::f32, strides);
  }
  matmul::primitive_desc description = describe(left, right, call.bias ? &bias : nullptr, output, attributes);
  Prepared prepared{description, matmul(description)};
  prepared.left = memory(left, seam::engine(), nullptr);
  prepared.right = memory(right, seam::engine(), nullptr);
  prepared.output = memory(output, seam::engine(), nullptr);
  if (call.bias) prepared.bias = memory(bias, seam::engine(), nullptr);
  if (call.residual) prepared.residual = memory(residual, seam::engine(), nullptr);
  return prepared;
}

Prepared &prepared(const onednn_matmul_call &call) {
  thread_local seam::Cache<Prepared> cache;
  const seam::Key identity = key(call);
  if (Prepared *found = cache.find(identity)) return *found;
  return cache.insert(identity, prepare(call));
}

/// Where the residual stands among the post-operations, as oneDNN numbers their arguments.
int residual_argument(const onednn_matmul_call &call) {
  const int position = (call.scale != 1 ? 1 : 0) + (call.function != ONEDNN_IDENTITY ? 1 : 0);
  return DNNL_ARG_ATTR_MULTIPLE_POST_OP(position) | DNNL_ARG_SRC_1;
}

/// Whether a product is one of plain f32 matrices with many rows on the left and whole rows on the right. On x86,
/// oneDNN's `sgemm` copies both into panels, and is then a twentieth faster than its matmul primitive, and by half
/// where a side is a vocabulary's; where the right-hand matrix is a transposed one, the primitive is the faster.
bool suits_sgemm(const onednn_matmul_call &call) {
#if defined(__x86_64__)
  constexpr int64_t few_rows = 64;
  const onednn_array &left = call.left, &right = call.right, &output = call.output;
  const bool is_plain = !call.packed && !call.bias && !call.residual && call.scale == 1 &&
                        call.function == ONEDNN_IDENTITY;
  return is_plain && left.rank == 2 && left.dims[0] >= few_rows && left.type == ONEDNN_F32 &&
         right.type == ONEDNN_F32 && output.type == ONEDNN_F32 && right.strides[1] == 1 && output.strides[1] == 1 &&
         (left.strides[0] == 1 || left.strides[1] == 1);
#else
  return false;
#endif
}

int sgemm(const onednn_matmul_call &call) {
  const onednn_array &left = call.left, &right = call.right, &output = call.output;
  const bool is_transposed = left.strides[1] != 1;
  const dnnl_status_t status =
      dnnl_sgemm(is_transposed ? 'T' : 'N', 'N', output.dims[0], output.dims[1], left.dims[1], 1,
                 static_cast<const float *>(left.data), left.strides[is_transposed ? 1 : 0],
                 static_cast<const float *>(right.data), right.strides[0], call.accumulate ? 1 : 0,
                 static_cast<float *>(output.data), output.strides[0]);
  return status == dnnl_success ? 0 : seam::fail("matrix product: sgemm gave status " + std::to_string(status));
}

size_t bytes(const onednn_array &array) {
  size_t bytes = array.type == ONEDNN_BF16 ? 2 : 4;
  for (int i = 0; i < array.rank; i++) bytes *= static_cast<size_t>(array.dims[i]);
  return bytes;
}

/// Whether there may be too little memory for the panels that oneDNN's threads copy matrices into. A thread that gets
/// none throws, within a parallel region, which nothing catches.
bool lacks_memory(const onednn_matmul_call &call) {
  if (!memory_is_limited()) return false;
  constexpr size_t panels = 48 << 20;
  const size_t most = panels * static_cast<size_t>(threads_count());
  const size_t copies = 4 * (bytes(call.left) + bytes(call.right) + bytes(call.output)) + (1 << 20);
  return !memory_is_left(copies < most ? copies : most);
}

}  // namespace

int onednn_matmul(const onednn_matmul_call *call) try {
  const seam::Inside inside;
  if (lacks_memory(*call)) return seam::fail("matrix product: not enough memory");
  if (suits_sgemm(*call)) return sgemm(*call);
  Prepared &product = prepared(*call);
  product.left.set_data_handle(call->left.data);
  product.right.set_data_handle(call->packed ? call->packed->data : call->right.data);
  product.output.set_data_handle(call->output.data);
  std::unordered_map<int, memory> arguments = {
      {DNNL_ARG_SRC, product.left}, {DNNL_ARG_WEIGHTS, product.right}, {DNNL_ARG_DST, product.output}};
  if (call->bias) {
    product.bias.set_data_handle(const_cast<float *>(call->bias));
    arguments.emplace(DNNL_ARG_BIAS, product.bias);
  }
  if (call->residual) {
    product.residual.set_data_handle(call->residual->data);
    arguments.emplace(residual_argument(*call), product.residual);
  }
  product.primitive.execute(seam::stream(), arguments);
  seam::stream().wait();
  return 0;
} catch (const std::exception &error) {
  return seam::fail(std::string("matrix product: ") + error.what());
}

const char *onednn_matmul_implementation(const onednn_matmul_call *call) try {
  const seam::Inside inside;
  return suits_sgemm(*call) ? "sgemm" : prepared(*call).description.impl_info_str();
} catch (const std::exception &error) {
  seam::fail(std::string("matrix product: ") + error.what());
  return nullptr;
}

onednn_packed *onednn_packed_new(int64_t k, int64_t n, onednn_type type, int64_t rows) try {
  const seam::Inside inside;
  const memory::data_type element = seam::data_type(type);
  const memory::desc left({rows, k}, element, memory::format_tag::ab);
  const memory::desc right({k, n}, element, memory::format_tag::any);
  const memory::desc output({rows, n}, memory::data_type::f32, memory::format_tag::ab);
  const memory::desc layout = describe(left, right, nullptr, output, dnnl::primitive_attr()).weights_desc();
  return new onednn_packed{layout, k, n, nullptr};
} catch (const std::exception &error) {
  seam::fail(std::string("the layout of a packed weight: ") + error.what());
  return nullptr;
}

int onednn_pack(onednn_packed *packed, const onednn_array *matrix, void *data) try {
  const seam::Inside inside;
  memory source(seam::descriptor(*matrix), seam::engine(), matrix->data);
  memory blocked(packed->descriptor, seam::engine(), data);
  dnnl::reorder(source, blocked).execute(seam::stream(), source, blocked);
  seam::stream().wait();
  packed->data = data;
  return 0;
} catch (const std::exception &error) {
  return seam::fail(std::string("packing a weight: ") + error.what());
}

size_t onednn_packed_size(const onednn_packed *packed) { return packed->descriptor.get_size(); }

void onednn_packed_free(onednn_packed *packed) { delete packed; }

bool onednn_supports_bf16(void) {
  static const bool supported = [] {
    const seam::Inside inside;
    try {
      const memory::data_type element = memory::data_type::bf16;
      const memory::desc matrix({64, 64}, element, memory::format_tag::ab);
      const auto description = describe(matrix, matrix, nullptr, matrix, dnnl::primitive_attr());
      return std::strncmp(description.impl_info_str(), "ref", 3) != 0;
    } catch (const std::exception &) {
      return false;
    }
  }();
  return supported;
}
