// The C beneath the Imaging room: libjpeg behind a call that cannot jump past Swift frames, and the
// loops of image resampling, which need to be compiled for several instruction sets.
#pragma once

#include <stddef.h>
#include <stdint.h>

// What decoding a JPEG ended with.
typedef enum {
  CIMAGING_JPEG_OK = 0,
  CIMAGING_JPEG_TRUNCATED = 1,  // the data ends before the image does
  CIMAGING_JPEG_MISMATCH = 2,   // the size or channel count is not the expected one
  CIMAGING_JPEG_BROKEN = 3,     // libjpeg gave up; its message says why
  CIMAGING_JPEG_NO_MEMORY = 4,  // libjpeg needs more memory than there is
} cimaging_jpeg_status;

#define CIMAGING_JPEG_MESSAGE_LENGTH 200

// Decodes a whole JPEG of a known size into interleaved samples: 1 channel (grey), 3 (RGB), or
// 4 (CMYK as it is stored). `reduction` is 1, or 2, 4 or 8 for an image of that part of the size, rounded up, whose
// details were never computed. `pixels` holds as many pixels' channels. `message` receives libjpeg's text when the
// status is CIMAGING_JPEG_BROKEN, and is empty otherwise.
cimaging_jpeg_status cimaging_jpeg_decode(const uint8_t *data, size_t count, uint32_t width,
                                          uint32_t height, uint32_t channels, uint32_t reduction,
                                          uint8_t *pixels, char message[CIMAGING_JPEG_MESSAGE_LENGTH]);

// Between these two, what this thread prints to C's `stderr` is dropped, and other threads' lines pass: libjxl, dav1d
// and libde265 tell there what they find wrong with a file. Where the stream can't be replaced, nothing is dropped.
void cimaging_begin_quiet(void);
void cimaging_end_quiet(void);

// The weights that one output position gives to `count` input positions from `first` on.
typedef struct {
  int32_t first;
  int32_t count;
} cimaging_window;

// The number of fractional bits in a fixed-point resampling weight.
#define CIMAGING_WEIGHT_BITS 22

// Resamples the rows of an interleaved RGB8 image: `count` windows make as many columns of the target, whose
// rows are `target_width` pixels apart. `weights` holds `stride` fixed-point weights per window.
void cimaging_resample_rows(const uint8_t *source, size_t source_width, size_t rows, uint8_t *target,
                            size_t target_width, const cimaging_window *windows, size_t count,
                            const int32_t *weights, size_t stride);

// The samples that the wide variant takes at a time.
#define CIMAGING_WIDE_LANES 48

// The same for windows of many pixels, faster: here `weights` holds every weight three times, once for each
// channel, and zeros up to `stride`, a multiple of CIMAGING_WIDE_LANES. Reads `stride` samples from the start
// of each window, so as many must be readable after the last row.
void cimaging_resample_rows_wide(const uint8_t *source, size_t source_width, size_t rows,
                                 uint8_t *target, size_t target_width,
                                 const cimaging_window *windows, size_t count,
                                 const int32_t *weights, size_t stride);

// Resamples the columns of an interleaved RGB8 image, `row_bytes` bytes a row: `count` windows make as many
// rows of the target.
void cimaging_resample_columns(const uint8_t *source, size_t row_bytes, uint8_t *target,
                               const cimaging_window *windows, size_t count,
                               const int32_t *weights, size_t stride);
