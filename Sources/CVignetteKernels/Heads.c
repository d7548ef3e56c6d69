#include "Vector.h"

#define HEADS(type, element)                                                                                       \
  KERNEL void kernels_rotate_##type(const kernels_rotation *rotation, int64_t begin, int64_t end,                  \
                                    const element *x, element *y) {                                                \
    const int64_t size = rotation->head_size, half = size / 2, width = rotation->heads * size;                     \
    const float turn = rotation->back ? -1.0f : 1.0f;                                                              \
    for (int64_t row = begin; row < end; row++) {                                                                  \
      const element *from = x + row * width;                                                                       \
      element *to = y + row * width;                                                                               \
      const int64_t place = row % rotation->tokens - (rotation->tokens - rotation->rotated);                       \
      if (place < 0) {                                                                                             \
        memcpy(to, from, (size_t)width * sizeof *to);                                                              \
        continue;                                                                                                  \
      }                                                                                                            \
      const float *cosines = rotation->cosines + place * half, *sines = rotation->sines + place * half;            \
      for (int64_t start = 0; start < width; start += size)                                                        \
        for (int64_t i = 0; i < half; i++) {                                                                       \
          const float a = read_##type(from[start + i]), b = read_##type(from[start + half + i]);                   \
          const float sine = turn * sines[i];                                                                      \
          to[start + i] = write_##type(a * cosines[i] - b * sine);                                                 \
          to[start + half + i] = write_##type(b * cosines[i] + a * sine);                                          \
        }                                                                                                          \
    }                                                                                                              \
  }                                                                                                                \
                                                                                                                   \
  INLINE float dot_##type(int64_t count, const element *a, const element *b) {                                     \
    VECTOR_SUMS                                                                                                    \
    float sum = 0;                                                                                                 \
    for (int64_t i = 0; i < count; i++) sum += read_##type(a[i]) * read_##type(b[i]);                              \
    return sum;                                                                                                    \
  }                                                                                                                \
                                                                                                                   \
  KERNEL void kernels_unit_heads_##type(int64_t heads, int64_t head_size, int64_t begin, int64_t end,              \
                                        const float *scales, const element *x, element *y) {                       \
    for (int64_t head = begin * heads; head < end * heads; head++) {                                               \
      const element *from = x + head * head_size;                                                                  \
      element *to = y + head * head_size;                                                                          \
      const float length = sqrtf(dot_##type(head_size, from, from));                                               \
      const float factor = (scales ? scales[head % heads] : 1) / (length > shortest ? length : shortest);          \
      for (int64_t i = 0; i < head_size; i++) to[i] = write_##type(factor * read_##type(from[i]));                 \
    }                                                                                                              \
  }                                                                                                                \
                                                                                                                   \
  KERNEL void kernels_unit_heads_backward_##type(int64_t heads, int64_t head_size, int64_t begin, int64_t end,     \
                                                 const float *scales, const element *x, const element *gradient_out, \
                                                 element *gradient_in, float *gradient_scales) {                   \
    for (int64_t head = begin * heads; head < end * heads; head++) {                                               \
      const element *from = x + head * head_size, *upstream = gradient_out + head * head_size;                     \
      element *to = gradient_in + head * head_size;                                                                \
      const float length = sqrtf(dot_##type(head_size, from, from));                                               \
      const float inverse = 1 / (length > shortest ? length : shortest);                                           \
      const float along = dot_##type(head_size, from, upstream) * inverse;                                         \
      const float factor = (scales ? scales[head % heads] : 1) * inverse;                                          \
      /* What lies along x changes nothing, unless x is too short to be a unit. */                                 \
      const float share = length > shortest ? along * inverse : 0;                                                 \
      for (int64_t i = 0; i < head_size; i++)                                                                      \
        to[i] = write_##type(factor * (read_##type(upstream[i]) - share * read_##type(from[i])));                  \
      if (gradient_scales) gradient_scales[head % heads] += along;                                                 \
    }                                                                                                              \
  }

/// What shorter vectors are divided by, as PyTorch's `normalize` has it.
static const float shortest = 1e-12f;

HEADS(f32, float)
HEADS(bf16, bf16)
