/// The threads that compute: one team for our own loops and for oneDNN's, in place of an OpenMP library's.
///
/// On Linux this target defines the six functions of GNU's OpenMP library that oneDNN calls (`OpenMP.c`), so that
/// oneDNN's parallel regions run on this team. Then
/// - a region has exactly the threads that it was promised, whatever the environment says;
/// - those threads take no asynchronous signals, and the calling thread takes none while it is inside of oneDNN;
/// - a thread that waits spins for microseconds, then sleeps, so that others can use its processor;
/// - regions of several calling threads run one after the other instead of fighting for processors.
///
/// Elsewhere Dispatch runs our loops, and oneDNN has threads of its own.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The most threads there can be.
enum { THREADS_MAXIMUM = 1024 };

/// Sets how many threads a region has from now on, 1 to `THREADS_MAXIMUM`, for all calling threads.
void threads_set_count(int count);

/// How many threads a region of the calling thread has: as many as were set, or as the system can start; one within a
/// region.
int threads_count(void);

/// Calls `body(context, begin, end)` on disjoint ranges that cover [0, count), none (but the last)
/// shorter than `grain`, on the team.
void threads_parallel(int64_t count, int64_t grain, void (*body)(void *context, int64_t begin, int64_t end),
                      void *context);

/// How many ranges `threads_parallel` cuts `count` into.
int64_t threads_ranges(int64_t count, int64_t grain);

/// Stands before each call of oneDNN, and `threads_leave` behind it: in between, asynchronous signals wait, and the
/// calling thread's OpenMP is the team. Calls may be nested.
///
/// Some kernels of oneDNN keep the stack pointer in the heap while they run, so that a signal's handler would write
/// its frame over other data.
void threads_enter(void);
void threads_leave(void);

/// Whether oneDNN's regions run on the team. Where they don't, since the program was linked so that oneDNN finds
/// another OpenMP library first, that one is told to use one thread.
bool threads_serve_openmp(void);

#ifdef __cplusplus
}
#endif
