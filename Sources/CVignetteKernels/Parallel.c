#include "CVignetteKernels.h"

#if defined(__linux__)

// libgomp's own entry points: the loops run on the very threads that oneDNN's do. Two pools, each
// spinning while the other works, cost a third of the speed.
extern void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int threads);

typedef struct {
  int64_t count, ranges;
  void (*body)(void *, int64_t, int64_t);
  void *context;
} work;

static void run_range(void *argument) {
  const work *shared = argument;
  // The runtime may grant fewer threads than were asked for.
  for (int64_t i = omp_get_thread_num(); i < shared->ranges; i += omp_get_num_threads())
    shared->body(shared->context, shared->count * i / shared->ranges, shared->count * (i + 1) / shared->ranges);
}

static int available_threads(void) { return omp_in_parallel() ? 1 : omp_get_max_threads(); }

static void run_ranges(work *shared) { GOMP_parallel(run_range, shared, (unsigned)shared->ranges, 0); }

void kernels_set_threads(int threads) { omp_set_num_threads(threads); }

#else

#include <dispatch/dispatch.h>
#include <unistd.h>

typedef struct {
  int64_t count, ranges;
  void (*body)(void *, int64_t, int64_t);
  void *context;
} work;

static _Thread_local int chosen_threads = 0;

static void run_range(void *argument, size_t i) {
  const work *shared = argument;
  shared->body(shared->context, shared->count * (int64_t)i / shared->ranges,
               shared->count * ((int64_t)i + 1) / shared->ranges);
}

static int available_threads(void) {
  return chosen_threads > 0 ? chosen_threads : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static void run_ranges(work *shared) {
  dispatch_apply_f((size_t)shared->ranges, dispatch_get_global_queue(QOS_CLASS_USER_INITIATED, 0), shared, run_range);
}

void kernels_set_threads(int threads) { chosen_threads = threads; }

#endif

int64_t kernels_parallel_ranges(int64_t count, int64_t grain) {
  const int64_t most = available_threads();
  const int64_t ranges = grain > 0 ? count / grain : most;
  return ranges < 1 ? 1 : ranges > most ? most : ranges;
}

void kernels_parallel(int64_t count, int64_t grain, void (*body)(void *, int64_t, int64_t), void *context) {
  if (count <= 0) return;
  work shared = {count, kernels_parallel_ranges(count, grain), body, context};
  if (shared.ranges == 1)
    body(context, 0, count);
  else
    run_ranges(&shared);
}
