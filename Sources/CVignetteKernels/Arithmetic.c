#include "Vector.h"

KERNEL void kernels_bf16_from_f32(int64_t count, const float *input, bf16 *output) {
  for (int64_t i = 0; i < count; i++) output[i] = write_bf16(input[i]);
}

KERNEL void kernels_f32_from_bf16(int64_t count, const bf16 *input, float *output) {
  for (int64_t i = 0; i < count; i++) output[i] = read_bf16(input[i]);
}

KERNEL void kernels_add_f32(int64_t count, const float *a, const float *b, float *output) {
  for (int64_t i = 0; i < count; i++) output[i] = a[i] + b[i];
}

KERNEL void kernels_add_bf16(int64_t count, const bf16 *a, const bf16 *b, bf16 *output) {
  for (int64_t i = 0; i < count; i++) output[i] = write_bf16(read_bf16(a[i]) + read_bf16(b[i]));
}

KERNEL void kernels_multiply_f32(int64_t count, const float *a, const float *b, float *output) {
  for (int64_t i = 0; i < count; i++) output[i] = a[i] * b[i];
}

KERNEL void kernels_multiply_bf16(int64_t count, const bf16 *a, const bf16 *b, bf16 *output) {
  for (int64_t i = 0; i < count; i++) output[i] = write_bf16(read_bf16(a[i]) * read_bf16(b[i]));
}

KERNEL void kernels_scale(int64_t count, float scale, const float *a, float *output) {
  for (int64_t i = 0; i < count; i++) output[i] = scale * a[i];
}

KERNEL void kernels_add_scaled(int64_t count, float scale, const float *a, float *output) {
  for (int64_t i = 0; i < count; i++) output[i] += scale * a[i];
}

KERNEL void kernels_scale_columns(int64_t rows, int64_t columns, const float *scale, const float *a, float *output) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) output[r * columns + c] = a[r * columns + c] * scale[c];
}

KERNEL void kernels_gather(int64_t count, const float *table, const int32_t *indices, const float *mask,
                           float *output) {
  if (mask)
    for (int64_t i = 0; i < count; i++) output[i] = table[indices[i]] + mask[i];
  else
    for (int64_t i = 0; i < count; i++) output[i] = table[indices[i]];
}

void kernels_scatter_add(int64_t count, const float *values, const int32_t *indices, float *table) {
  for (int64_t i = 0; i < count; i++) table[indices[i]] += values[i];
}

KERNEL double kernels_sum_of_squares(int64_t count, const float *values) {
  VECTOR_SUMS
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += (double)values[i] * values[i];
  return sum;
}

KERNEL void kernels_column_sums_f32(int64_t rows, int64_t columns, int64_t stride, const float *values, float *sums) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) sums[c] += values[r * stride + c];
}

KERNEL void kernels_column_sums_bf16(int64_t rows, int64_t columns, int64_t stride, const bf16 *values, float *sums) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) sums[c] += read_bf16(values[r * stride + c]);
}

KERNEL void kernels_product_column_sums(int64_t rows, int64_t columns, int64_t stride, const float *a,
                                        const float *b, float *sums) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) sums[c] += a[r * stride + c] * b[r * stride + c];
}
