/// A number that threads wait on: they spin for a while, then sleep.
#pragma once

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "Patience.h"

/// The number is in the lower bits; the highest says that somebody sleeps.
typedef struct {
  _Alignas(64) _Atomic uint32_t word;
} gate;

enum { GATE_NUMBER = 0x7fffffff };
#define GATE_SLEEPER 0x80000000u

static inline void gate_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#endif
}

static inline uint32_t gate_number(gate *gate) {
  return atomic_load_explicit(&gate->word, memory_order_acquire) & GATE_NUMBER;
}

/// Waits until the number is another one, and returns that.
static inline uint32_t gate_wait_while(gate *gate, uint32_t number, bool spins) {
  const int64_t start = patience_clock(), spin = spins ? patience_at(start) : 0;
  int64_t waited = 0;
  do {
    for (int i = 0; i < 32; i++) {
      const uint32_t now = gate_number(gate);
      if (now != number) {
        patience_learn(waited);
        return now;
      }
      gate_pause();
    }
    waited = patience_clock() - start;
  } while (waited < spin);
  for (;;) {
    uint32_t word = number;
    const bool is_asleep = atomic_compare_exchange_strong(&gate->word, &word, number | GATE_SLEEPER) ||
                           word == (number | GATE_SLEEPER);
    const int64_t asleep = patience_clock();
    // Returns at once where the word has changed in the meantime.
    const bool slept =
        is_asleep && syscall(SYS_futex, &gate->word, FUTEX_WAIT_PRIVATE, number | GATE_SLEEPER, NULL, NULL, 0) == 0;
    const uint32_t now = gate_number(gate);
    const int64_t awake = patience_clock();
    if (slept) patience_slept(awake - asleep);
    if (now != number) {
      patience_learn(awake - start);
      return now;
    }
  }
}

/// Sets another number, and wakes who sleeps.
static inline void gate_set(gate *gate, uint32_t number) {
  if (atomic_exchange(&gate->word, number & GATE_NUMBER) & GATE_SLEEPER)
    syscall(SYS_futex, &gate->word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
