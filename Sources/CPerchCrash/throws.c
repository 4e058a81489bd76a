// Notes where errors are thrown, by the hook that Swift's runtime has for debuggers.
//
// The calls of a throw are found by frame pointers, without asking the system. A note keeps its
// error alive, so that an address means one error only; notes are few, and a later one takes the
// place of an earlier one.

#define _GNU_SOURCE
#include "CPerchCrash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

enum { sites_max = 128, frames_max = 48, waiters_max = 24 };

typedef void (*throw_handler)(void *error);

// Weak, since a runtime without them makes no notes. Source: the Swift project, ErrorObject.h.
extern _Atomic(throw_handler) _swift_willThrow __attribute__((weak));
extern void *swift_errorRetain(void *error) __attribute__((weak));
extern void swift_errorRelease(void *error) __attribute__((weak));

struct site {
    atomic_int is_taken;
    void *error;
    size_t frames;
    size_t waiters;
    uint64_t addresses[frames_max + waiters_max];
};

static struct site sites[sites_max];
static _Atomic(throw_handler) previous;
static atomic_int is_on;

// Where the runtime goes on when the function of a task that it called returns: the frame that
// returns there is that of an asynchronous function, and no other is.
static _Atomic(uintptr_t) return_to_task;

static _Thread_local uintptr_t stack_end;
static _Thread_local int is_inside;

static uintptr_t end_of_stack(void) {
    if (stack_end != 0) return stack_end;
    pthread_attr_t attributes;
    // A thread whose stack nobody knows gets no frames: an end below everything.
    stack_end = 1;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return stack_end;
    void *start;
    size_t size;
    if (pthread_attr_getstack(&attributes, &start, &size) == 0) {
        stack_end = (uintptr_t)start + size;
    }
    pthread_attr_destroy(&attributes);
    return stack_end;
}

static struct site *site_of(const void *error) {
    uint64_t mixed = (uint64_t)(uintptr_t)error >> 4;
    mixed *= 0x9E3779B97F4A7C15u;
    return &sites[mixed >> 57 & (sites_max - 1)];
}

static int take(struct site *site) {
    int free = 0;
    return atomic_compare_exchange_strong_explicit(
        &site->is_taken, &free, 1, memory_order_acquire, memory_order_relaxed);
}

static void give(struct site *site) {
    atomic_store_explicit(&site->is_taken, 0, memory_order_release);
}

static int is_heap(uintptr_t address) {
    return address % 8 == 0 && address > 0xffff && address < (uintptr_t)1 << 47;
}

// A context of an asynchronous function begins with the context of who waits for it, and with
// where that goes on. Source: the Swift project, Task.h.
static void add_waiters(struct site *site, uintptr_t context) {
    while (is_heap(context) && site->waiters < waiters_max) {
        uintptr_t words[2];
        memcpy(words, (const void *)context, sizeof words);
        if (words[1] < 0x10000 || words[1] >= (uintptr_t)1 << 47) return;
        site->addresses[site->frames + site->waiters] = words[1];
        site->waiters += 1;
        context = words[0];
    }
}

// Frames of one stack lie one above the other, above this function's own: what does not is no
// frame.
static void walk(struct site *site, uintptr_t frame) {
    uintptr_t end = end_of_stack();
    uintptr_t own = (uintptr_t)__builtin_frame_address(0);
    uintptr_t of_task = atomic_load_explicit(&return_to_task, memory_order_relaxed);
    site->frames = 0;
    site->waiters = 0;
    // The first return goes to the runtime's own function.
    int is_outside = 0;
    while (site->frames < frames_max && frame % 8 == 0 && frame >= own && end >= 16 &&
           frame <= end - 16) {
        uintptr_t words[2];
        memcpy(words, (const void *)frame, sizeof words);
        if (words[1] == 0) return;
        if (is_outside) {
            site->addresses[site->frames] = words[1];
            site->frames += 1;
        }
        is_outside = 1;
        if (words[1] == of_task && site->frames > 0) {
            // The context of an asynchronous function lies below its frame; those who called it
            // stand in no frame.
            site->frames -= 1;
            memcpy(words, (const void *)(frame - 8), sizeof words[0]);
            add_waiters(site, words[0]);
            return;
        }
        if (words[0] <= frame) return;
        frame = words[0];
    }
}

static void note(void *error, uintptr_t frame) {
    struct site *site = site_of(error);
    if (!take(site)) return;
    void *old = NULL;
    // An error that is thrown on keeps its first place.
    if (site->error != error) {
        old = site->error;
        site->error = swift_errorRetain(error);
        walk(site, frame);
    }
    give(site);
    // It may run code of the error, and so outside.
    if (old != NULL) swift_errorRelease(old);
}

static void will_throw(void *error) {
    throw_handler next = atomic_load_explicit(&previous, memory_order_relaxed);
    if (next != NULL) next(error);
    if (error == NULL || is_inside || !atomic_load_explicit(&is_on, memory_order_relaxed)) return;
    is_inside = 1;
    note(error, (uintptr_t)__builtin_frame_address(0));
    is_inside = 0;
}

int cperchcrash_note_throws(int on) {
    if (&_swift_willThrow == NULL || swift_errorRetain == NULL || swift_errorRelease == NULL) {
        return 0;
    }
    atomic_store(&is_on, on);
    if (!on) return 1;
    // Once a process: whoever takes the hook over later calls what was there, or does not want it.
    static atomic_flag is_installed = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&is_installed)) return 1;
    atomic_store(&previous, atomic_load(&_swift_willThrow));
    atomic_store(&_swift_willThrow, will_throw);
    return 1;
}

void cperchcrash_learn_task(void) {
    uintptr_t words[2];
    uintptr_t own = (uintptr_t)__builtin_frame_address(0);
    uintptr_t end = end_of_stack();
    memcpy(words, (const void *)own, sizeof words);
    if (words[0] % 8 != 0 || words[0] <= own || end < 16 || words[0] > end - 16) return;
    memcpy(words, (const void *)words[0], sizeof words);
    atomic_store(&return_to_task, words[1]);
}

size_t cperchcrash_throw_site(
    const void *error, uint64_t *addresses, size_t size, size_t *waiters) {
    *waiters = 0;
    struct site *site = site_of(error);
    size_t count = 0;
    // It is taken for less than a microsecond.
    for (int tries = 0; tries < 1000; tries++) {
        if (!take(site)) continue;
        if (site->error == error && site->frames + site->waiters <= size) {
            count = site->frames + site->waiters;
            *waiters = site->waiters;
            memcpy(addresses, site->addresses, count * sizeof *addresses);
        }
        give(site);
        break;
    }
    return count;
}

#else

int cperchcrash_note_throws(int on) {
    (void)on;
    return 0;
}

void cperchcrash_learn_task(void) {}

size_t cperchcrash_throw_site(
    const void *error, uint64_t *addresses, size_t size, size_t *waiters) {
    (void)error;
    (void)addresses;
    (void)size;
    *waiters = 0;
    return 0;
}

#endif
