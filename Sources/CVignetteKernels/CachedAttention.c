#include "Vector.h"

INLINE int64_t offset_of(const kernels_cache *cache, int64_t position) {
  return cache->rows[position * cache->rows_step] * cache->row_pitch + position * cache->token_pitch;
}

#define ATTEND(type, element)                                                                              \
  INLINE void attend_##type(int64_t size, const kernels_cache *cache, const element *query,                \
                            const element *keys, const element *values, float *scratch, float *sums,       \
                            element *output) {                                                             \
    VECTOR_SUMS                                                                                            \
    const int64_t positions = cache->positions;                                                            \
    for (int64_t s = 0; s < positions; s++) {                                                              \
      const element *key = keys + offset_of(cache, s);                                                     \
      float dot = 0;                                                                                       \
      for (int64_t d = 0; d < size; d++) dot += read_##type(query[d]) * read_##type(key[d]);               \
      scratch[s] = dot * cache->scale;                                                                     \
    }                                                                                                      \
    const float top = largest(positions, scratch, 1, NULL);                                                \
    float total = 0;                                                                                       \
    for (int64_t s = 0; s < positions; s++) total += scratch[s] = exponential(scratch[s] - top);           \
    for (int64_t d = 0; d < size; d++) sums[d] = 0;                                                        \
    for (int64_t s = 0; s < positions; s++) {                                                              \
      const element *value = values + offset_of(cache, s);                                                 \
      const float weight = scratch[s];                                                                     \
      for (int64_t d = 0; d < size; d++) sums[d] += weight * read_##type(value[d]);                        \
    }                                                                                                      \
    for (int64_t d = 0; d < size; d++) output[d] = write_##type(sums[d] / total);                          \
  }                                                                                                        \
                                                                                                           \
  KERNEL void kernels_attend_##type(const kernels_cache *cache, const element *query, const element *keys, \
                                    const element *values, float *scratch, element *output) {              \
    /* Sums over the size that nearly all models have stay in registers. */                                \
    float sums[64];                                                                                        \
    if (cache->head_size == 64)                                                                            \
      attend_##type(64, cache, query, keys, values, scratch, sums, output);                                \
    else                                                                                                   \
      attend_##type(cache->head_size, cache, query, keys, values, scratch, scratch + cache->positions,     \
                    output);                                                                               \
  }

ATTEND(f32, float)
ATTEND(bf16, bf16)
