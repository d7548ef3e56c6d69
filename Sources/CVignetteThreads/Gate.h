/// A number that threads wait on: they spin for a while, then sleep.
#pragma once

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// The number is in the lower bits; the highest says that somebody sleeps.
typedef struct {
  _Alignas(64) _Atomic uint32_t word;
} gate;

enum { GATE_NUMBER = 0x7fffffff };
#define GATE_SLEEPER 0x80000000u

/// How long a thread spins before it sleeps. Between two regions of a training step lie microseconds, and to wake a
/// sleeper takes some tens of them. But where other programs want the processors, a thread that spins keeps one from
/// the thread that it waits for. So it spins for less and less as long as that is in vain, and for longer again when
/// waits have become short.
enum { GATE_LONGEST_SPIN = 100000, GATE_SHORTEST_SPIN = 1000 };  // nanoseconds

static _Thread_local int64_t gate_spin = GATE_LONGEST_SPIN;

static inline void gate_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

static inline int64_t gate_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline uint32_t gate_number(gate *gate) {
  return atomic_load_explicit(&gate->word, memory_order_acquire) & GATE_NUMBER;
}

static inline void gate_learn(int64_t waited) {
  const int64_t spin = waited < GATE_LONGEST_SPIN ? 2 * gate_spin : gate_spin / 2;
  gate_spin = spin > GATE_LONGEST_SPIN ? GATE_LONGEST_SPIN : spin < GATE_SHORTEST_SPIN ? GATE_SHORTEST_SPIN : spin;
}

/// Waits until the number is another one, and returns that.
static inline uint32_t gate_wait_while(gate *gate, uint32_t number, bool spins) {
  const int64_t start = gate_clock();
  do {
    for (int i = 0; i < 32; i++) {
      const uint32_t now = gate_number(gate);
      if (now != number) {
        gate_learn(0);
        return now;
      }
      gate_pause();
    }
  } while (spins && gate_clock() - start < gate_spin);
  for (;;) {
    uint32_t word = number;
    const bool is_asleep = atomic_compare_exchange_strong(&gate->word, &word, number | GATE_SLEEPER) ||
                           word == (number | GATE_SLEEPER);
    // Returns at once where the word has changed in the meantime.
    if (is_asleep) syscall(SYS_futex, &gate->word, FUTEX_WAIT_PRIVATE, number | GATE_SLEEPER, NULL, NULL, 0);
    const uint32_t now = gate_number(gate);
    if (now != number) {
      gate_learn(gate_clock() - start);
      return now;
    }
  }
}

/// Sets another number, and wakes who sleeps.
static inline void gate_set(gate *gate, uint32_t number) {
  if (atomic_exchange(&gate->word, number & GATE_NUMBER) & GATE_SLEEPER)
    syscall(SYS_futex, &gate->word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
