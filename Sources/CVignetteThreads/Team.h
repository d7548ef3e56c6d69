/// What the team's own files share.
#pragma once

#include "CVignetteThreads.h"

#if defined(__linux__)

#include <stdbool.h>

/// What a thread knows of itself.
typedef struct {
  int number;      // in its region, 0 for the one that called
  int size;        // of its region
  bool in_region;  // of more than one thread
  int depth;       // how often it entered oneDNN
  int promised;    // how many threads a region is said to have, once it has entered
} team_member;

team_member *team_self(void);

/// Calls `body(context)` on `size` threads, each of which knows its number; on the calling thread alone within a region.
void team_run(void (*body)(void *context), void *context, int size);

/// Waits until all threads of the region are here.
void team_barrier(void);

#endif
