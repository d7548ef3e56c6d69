// libtiff over a file in memory. Its fields are read by functions with any number of arguments, and its errors come as
// lists of those, neither of which Swift has: here are functions for each kind that is used.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <tiffio.h>

// A file, how far it is read, and the first that libtiff found wrong with it.
typedef struct {
  const uint8_t *bytes;
  uint64_t count;
  uint64_t position;
  bool ended;  // more was asked for than there is
  char message[200];
} vignette_tiff_source;

static inline tmsize_t vignette_tiff_read(thandle_t handle, void *target, tmsize_t count) {
  vignette_tiff_source *source = (vignette_tiff_source *)handle;
  if (count <= 0) return 0;
  const uint64_t left = source->position < source->count ? source->count - source->position : 0;
  const uint64_t taken = (uint64_t)count < left ? (uint64_t)count : left;
  if (taken < (uint64_t)count) source->ended = true;
  if (taken > 0) memcpy(target, source->bytes + source->position, (size_t)taken);
  source->position += taken;
  return (tmsize_t)taken;
}

static inline tmsize_t vignette_tiff_write(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle, (void)bytes, (void)count;
  return 0;
}

// What points behind the end, or wraps around, is found there by reading.
static inline toff_t vignette_tiff_seek(thandle_t handle, toff_t offset, int whence) {
  vignette_tiff_source *source = (vignette_tiff_source *)handle;
  const uint64_t start = whence == SEEK_CUR ? source->position : whence == SEEK_END ? source->count : 0;
  source->position = start + offset;
  return source->position;
}

static inline int vignette_tiff_close(thandle_t handle) {
  (void)handle;
  return 0;
}

static inline toff_t vignette_tiff_size(thandle_t handle) { return ((vignette_tiff_source *)handle)->count; }

static inline int vignette_tiff_map(thandle_t handle, void **base, toff_t *size) {
  (void)handle, (void)base, (void)size;
  return 0;
}

static inline void vignette_tiff_unmap(thandle_t handle, void *base, toff_t size) {
  (void)handle, (void)base, (void)size;
}

static inline int vignette_tiff_note(TIFF *tiff, void *data, const char *module, const char *format,
                                     va_list arguments) {
  (void)tiff, (void)module;
  vignette_tiff_source *source = (vignette_tiff_source *)data;
  if (!source->message[0]) vsnprintf(source->message, sizeof source->message, format, arguments);
  return 1;
}

static inline int vignette_tiff_ignore(TIFF *tiff, void *data, const char *module, const char *format,
                                       va_list arguments) {
  (void)tiff, (void)data, (void)module, (void)format, (void)arguments;
  return 1;
}

// Opens the file at its first page. `source` and its bytes stay where they are until it is closed. NULL where it has no
// directory that can be read.
static inline TIFF *vignette_tiff_open(vignette_tiff_source *source, tmsize_t largest_allocation) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, largest_allocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options, vignette_tiff_note, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, vignette_tiff_ignore, NULL);
  TIFF *tiff = TIFFClientOpenExt("image", "rm", source, vignette_tiff_read, vignette_tiff_write,
                                 vignette_tiff_seek, vignette_tiff_close, vignette_tiff_size,
                                 vignette_tiff_map, vignette_tiff_unmap, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

// A field of 32 bits, such as the width; `otherwise` where it is missing.
static inline uint32_t vignette_tiff_uint32(TIFF *tiff, uint32_t tag, uint32_t otherwise) {
  uint32_t value = 0;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

// A field of 16 bits, such as the bits per sample; `otherwise` where it is missing.
static inline uint16_t vignette_tiff_uint16(TIFF *tiff, uint32_t tag, uint16_t otherwise) {
  uint16_t value = 0;
  return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

// Whether a field of 16 bits is there itself.
static inline bool vignette_tiff_has_uint16(TIFF *tiff, uint32_t tag) {
  uint16_t value = 0;
  return TIFFGetField(tiff, tag, &value) == 1;
}

// What the samples behind the colours mean; NULL and 0 where nothing is said of them.
static inline const uint16_t *vignette_tiff_extra_samples(TIFF *tiff, uint16_t *count) {
  uint16_t *kinds = NULL;
  *count = 0;
  return TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, count, &kinds) == 1 ? kinds : NULL;
}

// The palette, 2 to the power of the bits per sample of each colour.
static inline bool vignette_tiff_palette(TIFF *tiff, const uint16_t **red, const uint16_t **green,
                                         const uint16_t **blue) {
  uint16_t *colours[3] = {NULL, NULL, NULL};
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2]) != 1) return false;
  *red = colours[0];
  *green = colours[1];
  *blue = colours[2];
  return colours[0] && colours[1] && colours[2];
}

// The packet of XMP; NULL and 0 where there is none.
static inline const uint8_t *vignette_tiff_xmp(TIFF *tiff, uint32_t *count) {
  void *bytes = NULL;
  *count = 0;
  return TIFFGetField(tiff, TIFFTAG_XMLPACKET, count, &bytes) == 1 ? (const uint8_t *)bytes : NULL;
}

// Has libjpeg convert colours, as for a JPEG file.
static inline bool vignette_tiff_convert_jpeg(TIFF *tiff) {
  return TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) == 1;
}

// Has rows and columns come as they are stored.
static inline void vignette_tiff_forget_orientation(TIFF *tiff) {
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
}
