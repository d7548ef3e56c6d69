#include "Vector.h"

/// How many positions row r may see.
INLINE int64_t visible_positions(const kernels_softmax_shape *shape, int64_t row) {
  if (!shape->causal) return shape->columns;
  const int64_t visible = shape->offset + row % shape->tokens + 1;
  return visible < shape->columns ? visible : shape->columns;
}

INLINE const float *bias_of_row(const kernels_softmax_shape *shape, int64_t row) {
  if (!shape->bias) return NULL;
  const int64_t rows = shape->heads * shape->tokens;
  const int64_t group = row / rows % shape->bias_groups;
  return shape->bias + (group * rows + row % rows) * shape->columns;
}

#define SOFTMAX(type, element)                                                                                    \
  KERNEL void kernels_softmax_##type(const kernels_softmax_shape *shape, int64_t begin, int64_t end, float *scores, \
                                     element *probabilities) {                                                    \
    VECTOR_SUMS                                                                                                   \
    const int64_t columns = shape->columns;                                                                       \
    const float scale = shape->scale;                                                                             \
    for (int64_t r = begin; r < end; r++) {                                                                       \
      float *in = scores + r * columns;                                                                           \
      element *out = probabilities + r * columns;                                                                 \
      const int64_t visible = visible_positions(shape, r);                                                        \
      const float *bias = bias_of_row(shape, r);                                                                  \
      float top, sum = 0;                                                                                         \
      if (bias) {                                                                                                 \
        top = largest(visible, in, scale, bias);                                                                  \
        for (int64_t i = 0; i < visible; i++) sum += in[i] = exponential(scale * in[i] + bias[i] - top);          \
      } else {                                                                                                    \
        top = largest(visible, in, scale, NULL);                                                                  \
        for (int64_t i = 0; i < visible; i++) sum += in[i] = exponential(scale * in[i] - top);                    \
      }                                                                                                           \
      const float inverse = 1 / sum;                                                                              \
      for (int64_t i = 0; i < visible; i++) in[i] *= inverse;                                                     \
      /* A loop over two arrays would be vectorised only where they are not the same memory. */                   \
      if ((const void *)out != in)                                                                                \
        for (int64_t i = 0; i < visible; i++) out[i] = write_##type(in[i]);                                       \
      for (int64_t i = visible; i < columns; i++) out[i] = 0;                                                     \
    }                                                                                                             \
  }                                                                                                               \
                                                                                                                  \
  KERNEL void kernels_softmax_backward_##type(const kernels_softmax_shape *shape, int64_t begin, int64_t end,           \
                                              const element *probabilities, const float *gradient_out,            \
                                              element *gradient_in) {                                             \
    VECTOR_SUMS                                                                                                   \
    const int64_t columns = shape->columns;                                                                       \
    const float scale = shape->scale;                                                                             \
    for (int64_t r = begin; r < end; r++) {                                                                       \
      const element *p = probabilities + r * columns;                                                             \
      const float *dp = gradient_out + r * columns;                                                               \
      element *out = gradient_in + r * columns;                                                                   \
      float sum = 0;                                                                                              \
      for (int64_t i = 0; i < columns; i++) sum += read_##type(p[i]) * dp[i];                                     \
      for (int64_t i = 0; i < columns; i++) out[i] = write_##type(scale * read_##type(p[i]) * (dp[i] - sum));     \
    }                                                                                                             \
  }

SOFTMAX(f32, float)
SOFTMAX(bf16, bf16)
