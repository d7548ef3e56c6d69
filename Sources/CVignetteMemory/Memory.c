#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CVignetteMemory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

/// Held while memory is looked for and taken, so that two don't find the same.
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

bool memory_is_left(size_t bytes) {
  // The address space has room for no more, and `malloc` for less.
  if (bytes > PTRDIFF_MAX - MEMORY_HEADROOM) return false;
  // Untouched pages cost nothing; the system's limits hold all the same.
  void *probe = mmap(NULL, bytes + MEMORY_HEADROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) return false;
  munmap(probe, bytes + MEMORY_HEADROOM);
  return true;
}

/// Whether Linux is told to promise only what it has.
static bool promises_are_strict;

static void read_promises(void) {
  FILE *file = fopen("/proc/sys/vm/overcommit_memory", "r");
  if (!file) return;
  promises_are_strict = fgetc(file) == '2';
  fclose(file);
}

bool memory_is_limited(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, read_promises);
  struct rlimit limit;
  return promises_are_strict || (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY);
}

void *memory_take(size_t bytes, size_t alignment) {
  void *block = NULL;
  pthread_mutex_lock(&taking);
  if (!memory_is_left(bytes) || posix_memalign(&block, alignment, bytes) != 0) block = NULL;
  pthread_mutex_unlock(&taking);
  return block;
}

bool memory_claim(size_t bytes) {
  pthread_mutex_lock(&taking);
  if (memory_is_left(bytes)) return true;
  pthread_mutex_unlock(&taking);
  return false;
}

void memory_claimed(void) { pthread_mutex_unlock(&taking); }

memory_fault *memory_fault_here(void) {
  static _Thread_local memory_fault fault;
  return &fault;
}

void memory_note_fault(size_t bytes, const char *cause) {
  memory_fault *fault = memory_fault_here();
  if (fault->failed) return;
  fault->failed = true;
  fault->bytes = bytes;
  snprintf(fault->cause, sizeof fault->cause, "%s", cause ? cause : "");
}
