#pragma once

#include <avif/avif.h>

// The axis that an image is mirrored along, whose name changed with version 1.
static inline uint8_t vignette_avif_mirror_axis(const avifImage *image) {
#if AVIF_VERSION_MAJOR >= 1
  return image->imir.axis;
#else
  return image->imir.mode;
#endif
}
