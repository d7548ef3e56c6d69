#include "CVignetteImages.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "CVignetteMemory.h"

// A progressive file may repeat scans without end at a few bytes each; no encoder writes more than this.
enum { maximum_scans = 500 };

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  char *message;
  bool lacks_memory;
} error_handler;

static void fail(j_common_ptr info) {
  error_handler *handler = (error_handler *)info->err;
  char text[JMSG_LENGTH_MAX];
  handler->lacks_memory = info->err->msg_code == JERR_OUT_OF_MEMORY;
  info->err->format_message(info, text);
  snprintf(handler->message, CIMAGING_JPEG_MESSAGE_LENGTH, "%s", text);
  longjmp(handler->escape, 1);
}

static void ignore_message(j_common_ptr info) { (void)info; }

static void count_scans(j_common_ptr info) {
  if (!info->is_decompressor || ((j_decompress_ptr)info)->input_scan_number <= maximum_scans) return;
  error_handler *handler = (error_handler *)info->err;
  snprintf(handler->message, CIMAGING_JPEG_MESSAGE_LENGTH, "more than %d scans", maximum_scans);
  longjmp(handler->escape, 1);
}

// The source is the whole file in memory. At its end it suspends instead of inventing an end marker, which
// is how a truncated file is told from a complete one.
static void no_source_work(j_decompress_ptr info) { (void)info; }

static boolean suspend(j_decompress_ptr info) {
  (void)info;
  return FALSE;
}

static void skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  size_t available = info->src->bytes_in_buffer;
  size_t skipped = (size_t)count < available ? (size_t)count : available;
  info->src->next_input_byte += skipped;
  info->src->bytes_in_buffer -= skipped;
}

// What libjpeg keeps of an image that comes in several scans. It takes all that there is, and would leave nothing to
// report that with.
static size_t coefficient_bytes(j_decompress_ptr info) {
  size_t bytes = 0;
  for (int i = 0; i < info->num_components; i++) {
    const jpeg_component_info *component = &info->comp_info[i];
    // A part of an MCU more on each side.
    const size_t columns = component->width_in_blocks + 4, rows = component->height_in_blocks + 4;
    bytes += columns * rows * sizeof(JBLOCK);
  }
  return bytes;
}

static cimaging_jpeg_status decode(struct jpeg_decompress_struct *info, uint32_t width,
                                   uint32_t height, uint32_t channels, uint32_t reduction, uint8_t *pixels) {
  int header;
  do {
    header = jpeg_read_header(info, FALSE);
  } while (header == JPEG_HEADER_TABLES_ONLY);
  if (header == JPEG_SUSPENDED) return CIMAGING_JPEG_TRUNCATED;

  info->out_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
  if (info->image_width != width || info->image_height != height ||
      (uint32_t)info->num_components != channels) {
    return CIMAGING_JPEG_MISMATCH;
  }
  info->scale_num = 1;
  info->scale_denom = reduction;
  jpeg_calc_output_dimensions(info);
  width = (width + reduction - 1) / reduction;
  height = (height + reduction - 1) / reduction;
  if (info->output_width != width || info->output_height != height) return CIMAGING_JPEG_MISMATCH;
  if (jpeg_has_multiple_scans(info) && !memory_is_left(coefficient_bytes(info))) return CIMAGING_JPEG_NO_MEMORY;
  if (!jpeg_start_decompress(info)) return CIMAGING_JPEG_TRUNCATED;

  size_t row_bytes = (size_t)width * channels;
  while (info->output_scanline < height) {
    JSAMPROW row = pixels + info->output_scanline * row_bytes;
    if (jpeg_read_scanlines(info, &row, 1) != 1) return CIMAGING_JPEG_TRUNCATED;
  }
  // What follows the last row is checked for corruption, but may be missing.
  jpeg_finish_decompress(info);
  return CIMAGING_JPEG_OK;
}

cimaging_jpeg_status cimaging_jpeg_decode(const uint8_t *data, size_t count, uint32_t width,
                                          uint32_t height, uint32_t channels, uint32_t reduction,
                                          uint8_t *pixels, char message[CIMAGING_JPEG_MESSAGE_LENGTH]) {
  struct jpeg_decompress_struct info;
  memset(&info, 0, sizeof info);
  message[0] = 0;

  error_handler handler = {.message = message};
  info.err = jpeg_std_error(&handler.manager);
  handler.manager.error_exit = fail;
  handler.manager.output_message = ignore_message;
  if (setjmp(handler.escape)) {
    jpeg_destroy_decompress(&info);
    return handler.lacks_memory ? CIMAGING_JPEG_NO_MEMORY : CIMAGING_JPEG_BROKEN;
  }
  jpeg_create_decompress(&info);

  struct jpeg_source_mgr source = {
      .next_input_byte = data,
      .bytes_in_buffer = count,
      .init_source = no_source_work,
      .fill_input_buffer = suspend,
      .skip_input_data = skip,
      .resync_to_restart = jpeg_resync_to_restart,
      .term_source = no_source_work,
  };
  info.src = &source;
  struct jpeg_progress_mgr progress = {.progress_monitor = count_scans};
  info.progress = &progress;

  cimaging_jpeg_status status = decode(&info, width, height, channels, reduction, pixels);
  jpeg_destroy_decompress(&info);
  return status;
}
