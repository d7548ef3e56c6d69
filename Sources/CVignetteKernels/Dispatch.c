// The one place where an element type becomes a choice of code: every entry point that takes a `kernels_type`
// calls the loop that `Typed.h` declares for it.
#include <string.h>

#include "Typed.h"

/// Calls `kernel`_f32 or `kernel`_bf16. Pointers to elements are `void *` here, which C converts.
#define BY_TYPE(type, kernel, ...)          \
  switch (type) {                           \
    case KERNELS_F32:                       \
      kernel##_f32(__VA_ARGS__);            \
      break;                                \
    case KERNELS_BF16:                      \
      kernel##_bf16(__VA_ARGS__);           \
      break;                                \
  }

void kernels_convert(kernels_type from, const void *input, kernels_type to, void *output, int64_t count) {
  if (from == to)
    memcpy(output, input, (size_t)count * (from == KERNELS_F32 ? sizeof(float) : sizeof(bf16)));
  else if (to == KERNELS_BF16)
    kernels_bf16_from_f32(count, input, output);
  else
    kernels_f32_from_bf16(count, input, output);
}

void kernels_add(kernels_type type, int64_t count, const void *a, const void *b, void *output) {
  BY_TYPE(type, kernels_add, count, a, b, output)
}

void kernels_multiply(kernels_type type, int64_t count, const void *a, const void *b, void *output) {
  BY_TYPE(type, kernels_multiply, count, a, b, output)
}

void kernels_column_sums(kernels_type type, int64_t rows, int64_t columns, int64_t stride, const void *values,
                         float *sums) {
  BY_TYPE(type, kernels_column_sums, rows, columns, stride, values, sums)
}

void kernels_softmax(kernels_type type, const kernels_softmax_shape *shape, int64_t begin, int64_t end,
                     float *scores, void *probabilities) {
  BY_TYPE(type, kernels_softmax, shape, begin, end, scores, probabilities)
}

void kernels_softmax_backward(kernels_type type, const kernels_softmax_shape *shape, int64_t begin, int64_t end,
                              const void *probabilities, const float *gradient_out, void *gradient_in) {
  BY_TYPE(type, kernels_softmax_backward, shape, begin, end, probabilities, gradient_out, gradient_in)
}

void kernels_attend(kernels_type type, const kernels_cache *cache, const void *query, const void *keys,
                    const void *values, float *scratch, void *output) {
  BY_TYPE(type, kernels_attend, cache, query, keys, values, scratch, output)
}

void kernels_layer_norm(kernels_type type, int64_t columns, int64_t begin, int64_t end, const float *x,
                        const float *gamma, const float *beta, float epsilon, void *y, float *statistics) {
  BY_TYPE(type, kernels_layer_norm, columns, begin, end, x, gamma, beta, epsilon, y, statistics)
}

void kernels_layer_norm_backward(kernels_type type, int64_t columns, int64_t begin, int64_t end, const float *x,
                                 const float *gamma, const float *statistics, const void *gradient_out,
                                 bool accumulate, float *gradient_in, float *gradient_gamma,
                                 float *gradient_beta) {
  BY_TYPE(type, kernels_layer_norm_backward, columns, begin, end, x, gamma, statistics, gradient_out, accumulate,
          gradient_in, gradient_gamma, gradient_beta)
}

void kernels_rotate(kernels_type type, const kernels_rotation *rotation, int64_t begin, int64_t end, const void *x,
                    void *y) {
  BY_TYPE(type, kernels_rotate, rotation, begin, end, x, y)
}

void kernels_unit_heads(kernels_type type, int64_t heads, int64_t head_size, int64_t begin, int64_t end,
                        const float *scales, const void *x, void *y) {
  BY_TYPE(type, kernels_unit_heads, heads, head_size, begin, end, scales, x, y)
}

void kernels_unit_heads_backward(kernels_type type, int64_t heads, int64_t head_size, int64_t begin, int64_t end,
                                 const float *scales, const void *x, const void *gradient_out, void *gradient_in,
                                 float *gradient_scales) {
  BY_TYPE(type, kernels_unit_heads_backward, heads, head_size, begin, end, scales, x, gradient_out, gradient_in,
          gradient_scales)
}

void kernels_gelu_tanh(kernels_type type, int64_t count, const void *input, void *output) {
  BY_TYPE(type, kernels_gelu_tanh, count, input, output)
}

void kernels_gelu_tanh_backward(kernels_type type, int64_t count, const void *input, const void *gradient_out,
                                void *gradient_in) {
  BY_TYPE(type, kernels_gelu_tanh_backward, count, input, gradient_out, gradient_in)
}

void kernels_dropout(kernels_type type, int64_t begin, int64_t end, uint64_t seed, float probability,
                     const void *input, void *output) {
  BY_TYPE(type, kernels_dropout, begin, end, seed, probability, input, output)
}
