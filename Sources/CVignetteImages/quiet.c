// A stream for standard error that leaves out what is written on a thread that decodes.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CVignetteImages.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#ifdef __GLIBC__

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int callers;
static FILE *filter;
static FILE *original;
static _Thread_local bool is_quiet;

static ssize_t write_filtered(void *cookie, const char *text, size_t count) {
  (void)cookie;
  if (!is_quiet && original) {
    fwrite(text, 1, count, original);
    fflush(original);
  }
  return (ssize_t)count;
}

void cimaging_begin_quiet(void) {
  is_quiet = true;
  pthread_mutex_lock(&mutex);
  if (!filter) {
    filter = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_filtered});
    if (filter) setvbuf(filter, NULL, _IONBF, 0);
  }
  // Whoever still has the filter in hand when it is taken away writes through it as before: it stays for good.
  if (callers++ == 0 && filter && stderr != filter) {
    original = stderr;
    stderr = filter;
  }
  pthread_mutex_unlock(&mutex);
}

void cimaging_end_quiet(void) {
  pthread_mutex_lock(&mutex);
  if (--callers == 0 && filter && stderr == filter) stderr = original;
  pthread_mutex_unlock(&mutex);
  is_quiet = false;
}

#else

void cimaging_begin_quiet(void) {}
void cimaging_end_quiet(void) {}

#endif
