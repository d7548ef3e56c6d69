/// How long a thread that waits for others spins before it sleeps.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

/// While one thread prepares the next region the others wait for up to some milliseconds, and to wake a sleeper takes
/// up to a tenth of that in a virtual machine: who has the processors to itself spins. But where other programs want
/// them, a thread that spins keeps a processor from the thread that it waits for. There all spin for a moment only,
/// and for less and less as long as that is in vain.
enum {  // nanoseconds
  PATIENCE_LONGEST = 2000000,
  PATIENCE_LONGEST_IN_CROWD = 100000,
  PATIENCE_SHORTEST = 1000,
  PATIENCE_LOOK_INTERVAL = 50000000,
  PATIENCE_CROWD_LASTS = 500000000,
};

/// Until when the processors count as wanted by others; any thread of the process finds that out for all.
static _Atomic int64_t patience_crowd_until;

static _Thread_local struct {
  int64_t spin;  // in a crowd
  int64_t looked, computed, slept;
  long switches, sleeps;
} patience = {.spin = PATIENCE_LONGEST_IN_CROWD};

static inline int64_t patience_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t patience_nanoseconds(struct timeval time) {
  return (int64_t)time.tv_sec * 1000000000 + (int64_t)time.tv_usec * 1000;
}

/// Finds out whether others have had this thread's processor for a quarter of the time that it didn't sleep: one busy
/// program beside two threads on two processors takes a third. Short visitors and a wakening on a processor of its own
/// team cost some milliseconds too, but less. Where it slept elsewhere than here, nobody knows for how long.
static inline void patience_look(int64_t now) {
  const int64_t passed = now - patience.looked;
  struct rusage usage;
  if (passed < PATIENCE_LOOK_INTERVAL || getrusage(RUSAGE_THREAD, &usage) != 0) return;
  const int64_t computed = patience_nanoseconds(usage.ru_utime) + patience_nanoseconds(usage.ru_stime);
  const int64_t awake = passed - patience.slept, lost = awake - (computed - patience.computed);
  const bool slept_elsewhere = usage.ru_nvcsw - patience.switches > patience.sleeps;
  if (!slept_elsewhere && lost > awake / 4) atomic_store(&patience_crowd_until, now + PATIENCE_CROWD_LASTS);
  patience.looked = now;
  patience.computed = computed;
  patience.switches = usage.ru_nvcsw;
  patience.slept = patience.sleeps = 0;
}

/// How long to spin, from now on.
static inline int64_t patience_at(int64_t now) {
  patience_look(now);
  return now < atomic_load(&patience_crowd_until) ? patience.spin : PATIENCE_LONGEST;
}

static inline void patience_slept(int64_t nanoseconds) {
  patience.slept += nanoseconds;
  patience.sleeps++;
}

/// Sets how long to spin in a crowd from how long it would have been good for.
static inline void patience_learn(int64_t waited) {
  const int64_t spin = waited < PATIENCE_LONGEST_IN_CROWD ? 2 * patience.spin : patience.spin / 2;
  patience.spin = spin > PATIENCE_LONGEST_IN_CROWD ? PATIENCE_LONGEST_IN_CROWD
                  : spin < PATIENCE_SHORTEST       ? PATIENCE_SHORTEST
                                                   : spin;
}
