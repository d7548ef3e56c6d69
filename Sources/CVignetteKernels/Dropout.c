#include "Vector.h"

/// 32 well-mixed bits of a seed and an index: two rounds of multiply and xor-shift, keyed between them.
INLINE uint32_t random_bits(uint64_t seed, uint32_t index) {
  uint32_t x = index ^ (uint32_t)seed;
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x += (uint32_t)(seed >> 32);
  x *= 0x846ca68bu;
  x ^= x >> 16;
  x *= 0x9e3779b1u;
  x ^= x >> 15;
  return x;
}

#define DROPOUT(type, element)                                                                            \
  KERNEL void kernels_dropout_##type(int64_t begin, int64_t end, uint64_t seed, float probability,        \
                                     const element *input, element *output) {                             \
    const float scale = 1 / (1 - probability);                                                            \
    const uint32_t dropped = (uint32_t)(probability * 0x1p24f);                                           \
    for (int64_t i = begin; i < end; i++) {                                                               \
      const float keep = (random_bits(seed, (uint32_t)i) >> 8) < dropped ? 0 : scale;                     \
      output[i] = write_##type(keep * read_##type(input[i]));                                             \
    }                                                                                                     \
  }

DROPOUT(f32, float)
DROPOUT(bf16, bf16)
