#include "CVignetteImages.h"

#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define MULTIVERSIONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MULTIVERSIONED
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

enum {
  half = 1 << (CIMAGING_WEIGHT_BITS - 1),
  lanes = CIMAGING_WIDE_LANES, // samples taken at a time from a row: 16 RGB pixels
  group = 12, // what the lanes are folded to before the last additions
  strip = 256, // samples of a row that one run down the columns covers
};

ALWAYS_INLINE uint8_t clip(int32_t sum) {
  int32_t value = sum >> CIMAGING_WEIGHT_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

// A window of few pixels: one weight at a time.
ALWAYS_INLINE void narrow_pixel(const uint8_t *source, const int32_t *weights, int32_t count,
                                uint8_t *target) {
  int32_t red = half, green = half, blue = half;
  for (int32_t i = 0; i < count; i++) {
    red += source[3 * i] * weights[i];
    green += source[3 * i + 1] * weights[i];
    blue += source[3 * i + 2] * weights[i];
  }
  target[0] = clip(red);
  target[1] = clip(green);
  target[2] = clip(blue);
}

// A window of many pixels: `blocks` runs of 48 samples against weights repeated for each channel. Lane i
// holds channel i mod 3, and so does every fold of the lanes by a multiple of three.
ALWAYS_INLINE void wide_pixel(const uint8_t *source, const int32_t *weights, size_t blocks,
                              uint8_t *target) {
  int32_t sums[lanes] = {0};
  for (size_t block = 0; block < blocks; block++) {
    for (int i = 0; i < lanes; i++) sums[i] += source[i] * weights[i];
    source += lanes;
    weights += lanes;
  }
  for (int i = 0; i < 2 * group; i++) sums[i] += sums[i + 2 * group];
  for (int i = 0; i < group; i++) sums[i] += sums[i + group];
  for (int i = 0; i < 3; i++) target[i] = clip(half + sums[i] + sums[i + 3] + sums[i + 6] + sums[i + 9]);
}

MULTIVERSIONED
void cimaging_resample_rows(const uint8_t *source, size_t source_width, size_t rows, uint8_t *target,
                            size_t target_width, const cimaging_window *windows, size_t count,
                            const int32_t *weights, size_t stride) {
  for (size_t y = 0; y < rows; y++) {
    const uint8_t *row = source + y * source_width * 3;
    for (size_t x = 0; x < count; x++) {
      narrow_pixel(row + 3 * (size_t)windows[x].first, weights + x * stride, windows[x].count,
                   target + 3 * (y * target_width + x));
    }
  }
}

MULTIVERSIONED
void cimaging_resample_rows_wide(const uint8_t *source, size_t source_width, size_t rows,
                                 uint8_t *target, size_t target_width,
                                 const cimaging_window *windows, size_t count,
                                 const int32_t *weights, size_t stride) {
  for (size_t y = 0; y < rows; y++) {
    const uint8_t *row = source + y * source_width * 3;
    for (size_t x = 0; x < count; x++) {
      wide_pixel(row + 3 * (size_t)windows[x].first, weights + x * stride, stride / lanes,
                 target + 3 * (y * target_width + x));
    }
  }
}

MULTIVERSIONED
void cimaging_resample_columns(const uint8_t *source, size_t row_bytes, uint8_t *target,
                               const cimaging_window *windows, size_t count,
                               const int32_t *weights, size_t stride) {
  for (size_t y = 0; y < count; y++) {
    const uint8_t *top = source + (size_t)windows[y].first * row_bytes;
    const int32_t *weight = weights + y * stride;
    for (size_t x = 0; x < row_bytes; x += strip) {
      size_t width = row_bytes - x < strip ? row_bytes - x : strip;
      int32_t sums[strip];
      for (size_t i = 0; i < width; i++) sums[i] = half;
      for (int32_t line = 0; line < windows[y].count; line++) {
        const uint8_t *samples = top + (size_t)line * row_bytes + x;
        int32_t factor = weight[line];
        for (size_t i = 0; i < width; i++) sums[i] += samples[i] * factor;
      }
      for (size_t i = 0; i < width; i++) target[y * row_bytes + x + i] = clip(sums[i]);
    }
  }
}
