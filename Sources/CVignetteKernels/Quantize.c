#include "Vector.h"

/// The nearest integer, of numbers up to 127. Adding 1.5 · 2²³ rounds, and the sum's lowest bits are the integer's.
INLINE int8_t integer(float value) {
  const float sum = value + 12582912.0f;
  int32_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return (int8_t)bits;
}

#define QUANTIZE(type, element)                                                                           \
  /* The largest |x| of a row; NaN where one of them is no finite number. */                              \
  INLINE float reach_##type(int64_t columns, const element *x) {                                          \
    float most[LANES] = {0}, faults[LANES] = {0};                                                         \
    int64_t c = 0;                                                                                        \
    for (; c + LANES <= columns; c += LANES)                                                              \
      for (int j = 0; j < LANES; j++) {                                                                   \
        const float value = read_##type(x[c + j]), size = fabsf(value);                                   \
        most[j] = size > most[j] ? size : most[j];                                                        \
        faults[j] += value - value;                                                                       \
      }                                                                                                   \
    for (int j = 0; c < columns; c++, j++) {                                                              \
      const float value = read_##type(x[c]), size = fabsf(value);                                         \
      most[j] = size > most[j] ? size : most[j];                                                          \
      faults[j] += value - value;                                                                         \
    }                                                                                                     \
    float result = 0, fault = 0;                                                                          \
    for (int j = 0; j < LANES; j++) result = most[j] > result ? most[j] : result, fault += faults[j];     \
    return result + fault;                                                                                \
  }                                                                                                       \
                                                                                                          \
  KERNEL void kernels_quantize_rows_##type(int64_t columns, int64_t pitch, int64_t begin, int64_t end,    \
                                           const element *x, int8_t *output, float *scales) {             \
    for (int64_t r = begin; r < end; r++) {                                                               \
      const element *row = x + r * pitch;                                                                 \
      int8_t *out = output + r * columns;                                                                 \
      const float most = reach_##type(columns, row);                                                      \
      const float inverse = most > 0 ? 127 / most : 0;                                                    \
      scales[r] = most / 127;                                                                             \
      for (int64_t c = 0; c < columns; c++) out[c] = integer(read_##type(row[c]) * inverse);              \
    }                                                                                                     \
  }

QUANTIZE(f32, float)
QUANTIZE(bf16, bf16)

KERNEL void kernels_quantize_columns(int64_t rows, int64_t columns, int64_t begin, int64_t end, const float *x,
                                     int8_t *output, float *scales) {
  for (int64_t first = begin; first < end; first += LANES) {
    const int count = end - first < LANES ? (int)(end - first) : LANES;
    float most[LANES] = {0}, faults[LANES] = {0}, inverses[LANES];
    for (int64_t r = 0; r < rows; r++)
      for (int j = 0; j < count; j++) {
        const float value = x[r * columns + first + j], size = fabsf(value);
        most[j] = size > most[j] ? size : most[j];
        faults[j] += value - value;
      }
    for (int j = 0; j < count; j++) {
      scales[first + j] = (most[j] + faults[j]) / 127;
      inverses[j] = most[j] > 0 ? 127 / most[j] : 0;
    }
    for (int64_t r = 0; r < rows; r++)
      for (int j = 0; j < count; j++)
        output[r * columns + first + j] = integer(x[r * columns + first + j] * inverses[j]);
  }
}
