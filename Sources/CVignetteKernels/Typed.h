/// The loops by the type of their elements; `Dispatch.c` chooses between them.
#pragma once

#include "CVignetteKernels.h"

typedef uint16_t bf16;

#define DECLARE(type, element)                                                                                    \
  void kernels_add_##type(int64_t count, const element *a, const element *b, element *output);                    \
  void kernels_multiply_##type(int64_t count, const element *a, const element *b, element *output);               \
  void kernels_column_sums_##type(int64_t rows, int64_t columns, int64_t stride, const element *values,           \
                                  float *sums);                                                                   \
  void kernels_softmax_##type(const kernels_softmax_shape *shape, int64_t begin, int64_t end, float *scores,      \
                              element *probabilities);                                                            \
  void kernels_softmax_backward_##type(const kernels_softmax_shape *shape, int64_t begin, int64_t end,            \
                                       const element *probabilities, const float *gradient_out,                   \
                                       element *gradient_in);                                                     \
  void kernels_attend_##type(const kernels_cache *cache, const element *query, const element *keys,               \
                             const element *values, float *scratch, element *output);                             \
  void kernels_layer_norm_##type(int64_t columns, int64_t begin, int64_t end, const float *x, const float *gamma, \
                                 const float *beta, float epsilon, element *y, float *statistics);                \
  void kernels_layer_norm_backward_##type(                                                                        \
      int64_t columns, int64_t begin, int64_t end, const float *x, const float *gamma, const float *statistics,   \
      const element *gradient_out, bool accumulate, float *gradient_in, float *gradient_gamma,                    \
      float *gradient_beta);                                                                                      \
  void kernels_rotate_##type(const kernels_rotation *rotation, int64_t begin, int64_t end, const element *x,      \
                             element *y);                                                                         \
  void kernels_unit_heads_##type(int64_t heads, int64_t head_size, int64_t begin, int64_t end,                    \
                                 const float *scales, const element *x, element *y);                              \
  void kernels_unit_heads_backward_##type(                                                                        \
      int64_t heads, int64_t head_size, int64_t begin, int64_t end, const float *scales, const element *x,        \
      const element *gradient_out, element *gradient_in, float *gradient_scales);                                 \
  void kernels_gelu_tanh_##type(int64_t count, const element *input, element *output);                            \
  void kernels_gelu_tanh_backward_##type(int64_t count, const element *input, const element *gradient_out,        \
                                         element *gradient_in);                                                   \
  void kernels_dropout_##type(int64_t begin, int64_t end, uint64_t seed, float probability, const element *input, \
                              element *output);

DECLARE(f32, float)
DECLARE(bf16, bf16)

#undef DECLARE

void kernels_bf16_from_f32(int64_t count, const float *input, bf16 *output);
void kernels_f32_from_bf16(int64_t count, const bf16 *input, float *output);
