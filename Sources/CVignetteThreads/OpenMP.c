// The part of GNU's OpenMP library that oneDNN calls, served by the team. A program's own definition of a function
// takes precedence over a library's, in the libraries that the program loads too. It is only seen by them if the
// linker exports it, which it does for what a library on its command line defines as well: that is why this target is
// linked with `gomp`.
//
// Other libraries' parallel regions are none of ours: outside of `threads_enter` and `threads_leave`, each function
// is GNU's own.
#define _GNU_SOURCE
#include "Team.h"

#if defined(__linux__)

#include <dlfcn.h>
#include <stdatomic.h>

#define EXPORTED __attribute__((visibility("default"), used))

/// GNU's own function of this name; null where that library isn't loaded.
#define GNU(name)                                        \
  ({                                                     \
    static _Atomic(void *) known;                        \
    void *found = atomic_load(&known);                   \
    if (!found) {                                        \
      found = dlsym(RTLD_NEXT, #name);                   \
      atomic_store(&known, found);                       \
    }                                                    \
    (__typeof__(&name))found;                            \
  })

static bool is_ours(void) { return team_self()->depth > 0; }

EXPORTED void GOMP_parallel(void (*body)(void *), void *context, unsigned threads, unsigned flags) {
  if (is_ours()) {
    team_run(body, context, threads == 0 ? threads_count() : (int)threads);
  } else {
    __typeof__(&GOMP_parallel) gnu = GNU(GOMP_parallel);
    gnu ? gnu(body, context, threads, flags) : body(context);
  }
}

EXPORTED void GOMP_barrier(void) {
  if (is_ours()) return team_barrier();
  __typeof__(&GOMP_barrier) gnu = GNU(GOMP_barrier);
  if (gnu) gnu();
}

#define NUMBER(name, ours, alone)                \
  EXPORTED int name(void) {                      \
    if (is_ours()) return ours;                  \
    __typeof__(&name) gnu = GNU(name);           \
    return gnu ? gnu() : alone;                  \
  }

NUMBER(omp_get_thread_num, team_self()->number, 0)
NUMBER(omp_get_num_threads, team_self()->size, 1)
NUMBER(omp_get_max_threads, threads_count(), 1)
NUMBER(omp_in_parallel, team_self()->in_region, 0)

bool threads_serve_openmp(void) {
  void *found = dlsym(RTLD_DEFAULT, "GOMP_parallel");
  return !found || found == (void *)GOMP_parallel;
}

#endif
