#include <stddef.h>

#include "Team.h"

typedef struct {
  int64_t count, ranges;
  void (*body)(void *, int64_t, int64_t);
  void *context;
} loop;

static void run_range(const loop *loop, int64_t i) {
  loop->body(loop->context, loop->count * i / loop->ranges, loop->count * (i + 1) / loop->ranges);
}

#if defined(__linux__)

static void run_own_range(void *argument) { run_range(argument, team_self()->number); }

static void run_ranges(loop *loop) { team_run(run_own_range, loop, (int)loop->ranges); }

#else

#include <dispatch/dispatch.h>
#include <stdatomic.h>

static _Atomic int chosen = 1;

static void run_numbered_range(void *argument, size_t i) { run_range(argument, (int64_t)i); }

static void run_ranges(loop *loop) {
  dispatch_apply_f((size_t)loop->ranges, dispatch_get_global_queue(QOS_CLASS_USER_INITIATED, 0), loop,
                   run_numbered_range);
}

void threads_set_count(int count) { atomic_store(&chosen, count); }
int threads_count(void) { return atomic_load(&chosen); }
void threads_enter(void) {}
void threads_leave(void) {}
bool threads_serve_openmp(void) { return false; }

#endif

int64_t threads_ranges(int64_t count, int64_t grain) {
  const int64_t ranges = grain > 0 ? count / grain : count;
  if (ranges <= 1) return 1;
  const int64_t most = threads_count();
  return ranges > most ? most : ranges;
}

void threads_parallel(int64_t count, int64_t grain, void (*body)(void *, int64_t, int64_t), void *context) {
  if (count <= 0) return;
  loop loop = {count, threads_ranges(count, grain), body, context};
  if (loop.ranges == 1)
    body(context, 0, count);
  else
    run_ranges(&loop);
}
