#include "Vector.h"

/// 2u of x · (1 + tanh u) / 2 = x / (1 + e^(−2u)), u = √(2/π) (x + 0.044715 x³), and its derivative.
INLINE float twice_u(float x) { return 1.5957691216f * x * (1 + 0.044715f * x * x); }
INLINE float twice_u_slope(float x) { return 1.5957691216f * (1 + 3 * 0.044715f * x * x); }

/// Where the function has long become 0 or x; squares of larger numbers would overflow.
INLINE float bounded(float x) {
  x = x < -30.0f ? -30.0f : x;
  return x > 30.0f ? 30.0f : x;
}

#define GELU_TANH(type, element)                                                                                  \
  KERNEL void kernels_gelu_tanh_##type(int64_t count, const element *restrict input, element *restrict output) { \
    for (int64_t i = 0; i < count; i++) {                                                                         \
      const float x = read_##type(input[i]);                                                                      \
      output[i] = write_##type(x / (1 + exponential(-twice_u(x))));                                               \
    }                                                                                                             \
  }                                                                                                               \
                                                                                                                  \
  KERNEL void kernels_gelu_tanh_backward_##type(int64_t count, const element *restrict input,                     \
                                                const element *restrict gradient_out,                             \
                                                element *restrict gradient_in) {                                  \
    for (int64_t i = 0; i < count; i++) {                                                                         \
      const float x = bounded(read_##type(input[i]));                                                             \
      const float share = 1 / (1 + exponential(-twice_u(x)));                                                     \
      const float slope = share * (1 + x * (1 - share) * twice_u_slope(x));                                       \
      gradient_in[i] = write_##type(slope * read_##type(gradient_out[i]));                                        \
    }                                                                                                             \
  }

GELU_TANH(f32, float)
GELU_TANH(bf16, bf16)
