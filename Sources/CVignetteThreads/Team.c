#define _GNU_SOURCE
#include "Team.h"

#include "CVignetteMemory.h"

#if defined(__linux__)

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Gate.h"

// One team serves all calling threads, one region at a time. A calling thread is its region's number 0; workers
// have the numbers from 1, never end, and each waits at a gate of its own.
static struct {
  pthread_mutex_t regions;  // held by the calling thread for a region's duration
  _Atomic int count;        // as set
  _Atomic int workers;      // started so far; grows only, under `regions`
  int processors;
  // Tells another OpenMP library how many threads to use, where oneDNN finds that first.
  void (*set_others)(int);

  // Of the region that runs.
  void (*body)(void *);
  void *context;
  _Atomic int size;
  _Atomic int working;  // workers that are not done yet
  gate done;            // changes when all are
  _Atomic int arrived;  // threads at the barrier
  gate phase;           // changes when all are there

  gate calls[THREADS_MAXIMUM];  // by a worker's number: changes when it is called
} team = {.regions = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local team_member self = {.size = 1};

team_member *team_self(void) { return &self; }

/// Whether waiting threads may spin: not where there are more than processors, for then one waits for another's.
static bool spins(void) { return atomic_load(&team.size) <= team.processors; }

// MARK: Signals

/// All but those that an instruction causes, which can't wait.
static void asynchronous_signals(sigset_t *set) {
  sigfillset(set);
  const int synchronous[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
  for (size_t i = 0; i < sizeof synchronous / sizeof *synchronous; i++) sigdelset(set, synchronous[i]);
}

static sigset_t blocked;
static _Thread_local sigset_t before;

// MARK: Workers

static void *work(void *argument) {
  const int number = (int)(intptr_t)argument;
  // Signals have been blocked since before it was started.
  self = (team_member){.number = number, .size = 1, .in_region = true, .depth = 1, .promised = 1};
  uint32_t call = 0;
  for (;;) {
    call = gate_wait_while(&team.calls[number], call, spins());
    self.size = atomic_load(&team.size);
    team.body(team.context);
    if (atomic_fetch_sub(&team.working, 1) == 1) gate_set(&team.done, gate_number(&team.done) + 1);
  }
  return NULL;
}

enum { stack_size = 4 << 20 };

static bool start_worker(int number) {
  // Threads could take all the memory that a limit allows; twice the headroom leaves some to compute with.
  if (!memory_is_left(stack_size + MEMORY_HEADROOM)) return false;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack_size);
  sigset_t callers;
  pthread_sigmask(SIG_BLOCK, &blocked, &callers);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, work, (void *)(intptr_t)number) == 0;
  pthread_sigmask(SIG_SETMASK, &callers, NULL);
  pthread_attr_destroy(&attributes);
  if (started) pthread_setname_np(thread, "vignette");
  return started;
}

/// Starts workers until there are so many, or the system refuses; `regions` is held.
static int start_workers(int wanted) {
  int workers = atomic_load(&team.workers);
  while (workers < wanted && start_worker(workers + 1)) atomic_store(&team.workers, ++workers);
  return workers;
}

// MARK: Processes that fork

static void before_fork(void) {
  if (!self.in_region) pthread_mutex_lock(&team.regions);
}

static void after_fork_in_parent(void) {
  if (!self.in_region) pthread_mutex_unlock(&team.regions);
}

/// The child has none of the workers.
static void after_fork_in_child(void) {
  pthread_mutex_init(&team.regions, NULL);
  atomic_store(&team.workers, 0);
  memset(team.calls, 0, sizeof team.calls);
}

static void prepare(void) {
  asynchronous_signals(&blocked);
  cpu_set_t set;
  CPU_ZERO(&set);
  team.processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  if (!threads_serve_openmp()) team.set_others = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static void prepare_once(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, prepare);
}

// MARK: Regions

static void run_alone(void (*body)(void *), void *context) {
  const team_member outside = self;
  self.number = 0;
  self.size = 1;
  body(context);
  self.number = outside.number;
  self.size = outside.size;
}

void team_run(void (*body)(void *), void *context, int size) {
  if (self.in_region || size <= 1) return run_alone(body, context);
  prepare_once();
  pthread_mutex_lock(&team.regions);
  if (size > THREADS_MAXIMUM || start_workers(size - 1) < size - 1) {
    fprintf(stderr, "%d threads were asked for, but there are %d\n", size, atomic_load(&team.workers) + 1);
    abort();
  }
  team.body = body;
  team.context = context;
  atomic_store(&team.size, size);
  atomic_store(&team.working, size - 1);
  const uint32_t done = gate_number(&team.done);
  for (int i = 1; i < size; i++) gate_set(&team.calls[i], gate_number(&team.calls[i]) + 1);

  self.number = 0;
  self.size = size;
  self.in_region = true;
  body(context);
  gate_wait_while(&team.done, done, spins());
  self.size = 1;
  self.in_region = false;
  pthread_mutex_unlock(&team.regions);
}

void team_barrier(void) {
  if (self.size == 1) return;
  const uint32_t phase = gate_number(&team.phase);
  if (atomic_fetch_add(&team.arrived, 1) + 1 < self.size) {
    gate_wait_while(&team.phase, phase, spins());
  } else {
    atomic_store(&team.arrived, 0);
    gate_set(&team.phase, phase + 1);
  }
}

// MARK: What others see

void threads_set_count(int count) {
  atomic_store(&team.count, count < 1 ? 1 : count > THREADS_MAXIMUM ? THREADS_MAXIMUM : count);
}

int threads_count(void) {
  if (self.in_region) return 1;
  if (self.depth > 0) return self.promised;
  const int wanted = atomic_load(&team.count) < 1 ? 1 : atomic_load(&team.count);
  if (atomic_load(&team.workers) >= wanted - 1) return wanted;
  prepare_once();
  pthread_mutex_lock(&team.regions);
  const int given = start_workers(wanted - 1) + 1;
  // What the system has refused isn't asked for again at each loop.
  if (given < wanted) atomic_store(&team.count, given);
  pthread_mutex_unlock(&team.regions);
  return given < wanted ? given : wanted;
}

void threads_enter(void) {
  if (self.depth == 0) {
    prepare_once();
    self.promised = threads_count();
    if (team.set_others) {
      team.set_others(1);
      self.promised = 1;
    }
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
  }
  self.depth++;
}

void threads_leave(void) {
  if (--self.depth == 0) pthread_sigmask(SIG_SETMASK, &before, NULL);
}

#endif
