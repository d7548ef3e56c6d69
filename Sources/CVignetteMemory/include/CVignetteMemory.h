/// Memory that may be refused, which Swift's own may not: Swift ends the program where `malloc` gives none.
///
/// Large blocks come from here. Each is given only if some memory is left behind it (`MEMORY_HEADROOM`), so that the
/// many small things that Swift, its runtime and others allocate unchecked find theirs, and an error can be reported.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How many bytes stay for what can't be refused.
enum { MEMORY_HEADROOM = 32 << 20 };

/// Whether so many bytes and the headroom would be given now.
bool memory_is_left(size_t bytes);

/// Whether a limit stands before the machine's own memory (`ulimit -v`, or a system that promises no more than it has),
/// so that asking for memory can fail.
bool memory_is_limited(void);

/// Memory to be freed by `free`, or NULL where so much and the headroom isn't there. `alignment` is a power of two.
void *memory_take(size_t bytes, size_t alignment);

/// The same for memory that somebody else allocates: where true is returned, the caller allocates so many bytes and then
/// calls `memory_claimed`; nobody else gets any from here in between.
bool memory_claim(size_t bytes);
void memory_claimed(void);

/// What went wrong on this thread in functions that return no error.
typedef struct {
  int scopes;       // how many callers wait for a fault; without one, a fault ends the program
  bool failed;      // whether there was one; the first counts
  size_t bytes;     // how many were asked for, if memory was refused
  char cause[200];  // else what failed
} memory_fault;

memory_fault *memory_fault_here(void);

/// Notes a fault, unless there was one. `cause` may be NULL where memory was refused.
void memory_note_fault(size_t bytes, const char *cause);

#ifdef __cplusplus
}
#endif
