#include "Vector.h"

#define LAYER_NORM(type, element)                                                                               \
  KERNEL void kernels_layer_norm_##type(int64_t columns, int64_t begin, int64_t end, const float *x,            \
                                        const float *gamma, const float *beta, float epsilon, element *y,       \
                                        float *statistics) {                                                    \
    VECTOR_SUMS                                                                                                 \
    for (int64_t r = begin; r < end; r++) {                                                                     \
      const float *in = x + r * columns;                                                                        \
      element *out = y + r * columns;                                                                           \
      float sum = 0, squares = 0;                                                                               \
      for (int64_t c = 0; c < columns; c++) sum += in[c];                                                       \
      const float mean = sum / (float)columns;                                                                  \
      for (int64_t c = 0; c < columns; c++) squares += (in[c] - mean) * (in[c] - mean);                         \
      const float inverse = 1 / sqrtf(squares / (float)columns + epsilon);                                      \
      for (int64_t c = 0; c < columns; c++)                                                                     \
        out[c] = write_##type((in[c] - mean) * inverse * gamma[c] + beta[c]);                                   \
      if (statistics) {                                                                                         \
        statistics[2 * r] = mean;                                                                               \
        statistics[2 * r + 1] = inverse;                                                                        \
      }                                                                                                         \
    }                                                                                                           \
  }                                                                                                             \
                                                                                                                \
  KERNEL void kernels_layer_norm_backward_##type(                                                               \
      int64_t columns, int64_t begin, int64_t end, const float *x, const float *gamma, const float *statistics, \
      const element *gradient_out, bool accumulate, float *gradient_in, float *gradient_gamma,                  \
      float *gradient_beta) {                                                                                   \
    VECTOR_SUMS                                                                                                 \
    for (int64_t r = begin; r < end; r++) {                                                                     \
      const float *in = x + r * columns;                                                                        \
      const element *dy = gradient_out + r * columns;                                                           \
      const float mean = statistics[2 * r], inverse = statistics[2 * r + 1];                                    \
      for (int64_t c = 0; c < columns; c++) {                                                                   \
        gradient_gamma[c] += read_##type(dy[c]) * (in[c] - mean) * inverse;                                     \
        gradient_beta[c] += read_##type(dy[c]);                                                                 \
      }                                                                                                         \
      if (!gradient_in) continue;                                                                               \
      float sum = 0, product = 0;                                                                               \
      for (int64_t c = 0; c < columns; c++) {                                                                   \
        const float g = read_##type(dy[c]) * gamma[c];                                                          \
        sum += g;                                                                                               \
        product += g * (in[c] - mean) * inverse;                                                                \
      }                                                                                                         \
      sum /= (float)columns;                                                                                    \
      product /= (float)columns;                                                                                \
      float *dx = gradient_in + r * columns;                                                                    \
      for (int64_t c = 0; c < columns; c++) {                                                                   \
        const float g = read_##type(dy[c]) * gamma[c];                                                          \
        dx[c] = (accumulate ? dx[c] : 0) + inverse * (g - sum - (in[c] - mean) * inverse * product);            \
      }                                                                                                         \
    }                                                                                                           \
  }

LAYER_NORM(f32, float)
LAYER_NORM(bf16, bf16)
