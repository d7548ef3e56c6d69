/// What the kernels share: compilation for several processors, and an exponential that vectorises.
#pragma once

#include <math.h>
#include <string.h>

#include "Typed.h"

// The loader chooses among the versions before the thread sanitizer is there.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

#define INLINE static inline __attribute__((always_inline))

/// Sums may be taken in vector order: the result is fixed for a processor, not across processors.
#define VECTOR_SUMS _Pragma("clang fp reassociate(on) contract(fast)")

INLINE float read_f32(float value) { return value; }
INLINE float write_f32(float value) { return value; }

INLINE float read_bf16(bf16 value) {
  const uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

/// Rounds to nearest, ties to even; NaN stays NaN.
INLINE bf16 write_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return (bf16)(value != value ? 0x7fc0 : rounded);
}

/// eˣ to within 1.5 units in the last place, without branches; x below −87 gives about 1e−38.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // x = n ln 2 + r with |r| ≤ ln 2 / 2; adding and subtracting 1.5 · 2²³ rounds to an integer.
  const float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  // Taylor's series of e^r; the first term left out, r⁸/8!, is below 6e−9.
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const int32_t bits = ((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return p * power;
}

enum { LANES = 16 };

/// The largest of scale · values[i] + bias[i]; `count` ≥ 1.
INLINE float largest(int64_t count, const float *values, float scale, const float *bias) {
  float lanes[LANES];
  for (int j = 0; j < LANES; j++) lanes[j] = -INFINITY;
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      const float value = scale * values[i + j] + (bias ? bias[i + j] : 0);
      lanes[j] = value > lanes[j] ? value : lanes[j];
    }
  float result = -INFINITY;
  for (; i < count; i++) {
    const float value = scale * values[i] + (bias ? bias[i] : 0);
    result = value > result ? value : result;
  }
  for (int j = 0; j < LANES; j++) result = lanes[j] > result ? lanes[j] : result;
  return result;
}
