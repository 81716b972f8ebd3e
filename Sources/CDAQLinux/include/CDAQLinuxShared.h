// Memory that several processes share: atomic words at any address, locks that die with their process, sleeping on a word.
// Swift's `Atomic` cannot be placed in memory that a file provides. Callers have checked that a word lies inside its mapping
// and is aligned to its size.
#ifndef CDAQLINUX_SHARED_H
#define CDAQLINUX_SHARED_H

#include <stdint.h>

// --- words ---------------------------------------------------------------------------------------------------------

// A load after which this thread sees everything that was written before the matching store.
static inline uint64_t cdaq_load_u64(const void *_Nonnull word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_ACQUIRE);
}

static inline uint32_t cdaq_load_u32(const void *_Nonnull word) {
    return __atomic_load_n((const uint32_t *)word, __ATOMIC_ACQUIRE);
}

// A load in the one order in which all processes see the exchanges and the other ordered operations below.
static inline uint64_t cdaq_load_ordered_u64(const void *_Nonnull word) {
    return __atomic_load_n((const uint64_t *)word, __ATOMIC_SEQ_CST);
}

static inline void cdaq_store_u64(void *_Nonnull word, uint64_t value) {
    __atomic_store_n((uint64_t *)word, value, __ATOMIC_RELEASE);
}

static inline void cdaq_store_u32(void *_Nonnull word, uint32_t value) {
    __atomic_store_n((uint32_t *)word, value, __ATOMIC_RELEASE);
}

static inline uint64_t cdaq_exchange_u64(void *_Nonnull word, uint64_t value) {
    return __atomic_exchange_n((uint64_t *)word, value, __ATOMIC_SEQ_CST);
}

static inline uint32_t cdaq_exchange_u32(void *_Nonnull word, uint32_t value) {
    return __atomic_exchange_n((uint32_t *)word, value, __ATOMIC_SEQ_CST);
}

static inline uint64_t cdaq_or_u64(void *_Nonnull word, uint64_t bits) {
    return __atomic_fetch_or((uint64_t *)word, bits, __ATOMIC_SEQ_CST);
}

static inline uint64_t cdaq_and_u64(void *_Nonnull word, uint64_t bits) {
    return __atomic_fetch_and((uint64_t *)word, bits, __ATOMIC_SEQ_CST);
}

// --- fences --------------------------------------------------------------------------------------------------------

// What was read before it is not read again, or later, after it.
static inline void cdaq_fence_reads(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

// What was written before it, also past the cache, is seen before what is written after it.
static inline void cdaq_fence_writes(void) {
#if defined(__x86_64__)
    __builtin_ia32_sfence();
#endif
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

// Nothing moves across it.
static inline void cdaq_fence_all(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// --- locks ---------------------------------------------------------------------------------------------------------

// Locks one byte of a file for this open file description (F_OFD_SETLK), without waiting. The kernel gives the lock up when
// the last descriptor is closed, also by a kill. Returns 0, -EAGAIN when somebody else has it, or -errno.
int cdaq_lock_byte(int descriptor, int64_t offset);

// Gives up the lock of a byte.
int cdaq_unlock_byte(int descriptor, int64_t offset);

// Whether somebody else has locked a byte for writing (F_OFD_GETLK): 1, 0 or -errno. Read access is enough.
int cdaq_byte_is_locked(int descriptor, int64_t offset);

// --- sleeping ------------------------------------------------------------------------------------------------------

// Sleeps while the word has a value, at most so long (FUTEX_WAIT); the memory may be mapped for reading only.
// Returns 0 when woken, or -EAGAIN, -ETIMEDOUT, -EINTR.
int cdaq_futex_wait(const void *_Nonnull word, uint32_t value, uint32_t microseconds);

// Wakes at most `count` sleepers of a word (FUTEX_WAKE). Returns how many.
int cdaq_futex_wake(const void *_Nonnull word, int count);

#endif
