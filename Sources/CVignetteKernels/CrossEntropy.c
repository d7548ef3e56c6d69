#include "Vector.h"

KERNEL void kernels_cross_entropy(int64_t columns, int64_t begin, int64_t end, const float *logits,
                                  const int32_t *labels, float smoothing, float *losses, float *normalisers) {
  VECTOR_SUMS
  for (int64_t r = begin; r < end; r++) {
    losses[r] = normalisers[r] = 0;
    if (labels[r] < 0) continue;
    const float *row = logits + r * columns;
    const float top = largest(columns, row, 1, NULL);
    float sum = 0, plain = 0;
    for (int64_t c = 0; c < columns; c++) {
      sum += exponential(row[c] - top);
      plain += row[c] - top;
    }
    const float normaliser = top + logf(sum);
    normalisers[r] = normaliser;
    losses[r] = (1 - smoothing) * (normaliser - row[labels[r]]) +
                smoothing * (logf(sum) - plain / (float)columns);
  }
}

KERNEL void kernels_cross_entropy_backward(int64_t columns, int64_t begin, int64_t end, const float *logits,
                                           const int32_t *labels, const float *normalisers, float smoothing,
                                           float weight, float *gradient) {
  VECTOR_SUMS
  const float even = smoothing / (float)columns;
  for (int64_t r = begin; r < end; r++) {
    const float *row = logits + r * columns;
    float *out = gradient + r * columns;
    if (labels[r] < 0) {
      for (int64_t c = 0; c < columns; c++) out[c] = 0;
      continue;
    }
    const float target = exponential(row[labels[r]] - normalisers[r]) - even - (1 - smoothing);
    for (int64_t c = 0; c < columns; c++) out[c] = weight * (exponential(row[c] - normalisers[r]) - even);
    out[labels[r]] = weight * target;
  }
}
