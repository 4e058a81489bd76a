// The handler of fatal signals.
//
// It runs inside a process that is broken: it takes no lock, allocates nothing, and calls only what
// POSIX names async-signal-safe, up to the point that is marked below. All memory it needs stands
// here; the file is open already.
//
// The report is text, a fact a line:
//
//     signal NUMBER CODE ADDRESS        what happened
//     thread NUMBER                     where
//     time NANOSECONDS                  when
//     frame ADDRESS                     the calls, the innermost first, by frame pointers
//     async INDEX ADDRESS               who waits for the call INDEX, if it is asynchronous
//     note TEXT                         what was logged before, the oldest first
//     unwound ADDRESS                   the calls as the C library's tables give them
//     end                               nothing is missing

#define _GNU_SOURCE
#include "CPerchCrash.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

enum {
    frames_max = 128,
    waiters_max = 256,
    waiters_of_frame_max = 24,
    ranges_max = 128,
    notes_max = 64,
    note_size = 512,
    stack_size = 128 * 1024,
};

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
enum { signals_count = sizeof signals / sizeof *signals };

static struct sigaction previous[signals_count];
static int report = -1;
static int probe[2] = {-1, -1};
static atomic_int armed;
static atomic_int owner;

// Where code stands: what is no address of code is no return address.
static struct { uintptr_t start, end; } ranges[ranges_max];
static int ranges_count;

static struct {
    // Odd while it is written.
    atomic_uint turn;
    unsigned size;
    char text[note_size];
} notes[notes_max];
static atomic_uint notes_next;

// What is to be written, so that a report needs few calls.
static char buffer[4096];
static size_t buffered;

static void flush(void) {
    size_t start = 0;
    while (start < buffered) {
        ssize_t count = write(report, buffer + start, buffered - start);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        start += (size_t)count;
    }
    buffered = 0;
}

static void put(const char *text, size_t count) {
    for (size_t place = 0; place < count; place++) {
        if (buffered == sizeof buffer) flush();
        buffer[buffered++] = text[place];
    }
}

static void put_text(const char *text) {
    size_t count = 0;
    while (text[count]) count++;
    put(text, count);
}

static void put_number(uint64_t value, unsigned base) {
    char digits[24];
    size_t place = sizeof digits;
    do {
        digits[--place] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    put(digits + place, sizeof digits - place);
}

static void put_address(const char *name, uintptr_t address) {
    put_text(name);
    put_number(address, 16);
    put_text("\n");
}

// Reads two words without a fault: the system says whether they are there.
static int read_words(uintptr_t address, uintptr_t words[2]) {
    if (address == 0 || address % sizeof(uintptr_t) != 0) return 0;
    size_t size = 2 * sizeof(uintptr_t);
    if (write(probe[1], (const void *)address, size) != (ssize_t)size) {
        // Part of it may be in the pipe.
        char rest[2 * sizeof(uintptr_t)];
        (void)!read(probe[0], rest, sizeof rest);
        return 0;
    }
    return read(probe[0], words, size) == (ssize_t)size;
}

static int is_code(uintptr_t address) {
    for (int place = 0; place < ranges_count; place++) {
        if (address >= ranges[place].start && address < ranges[place].end) return 1;
    }
    return 0;
}

// An asynchronous function keeps its context just below its frame: the context of who waits for
// it, and where that goes on. Whether the function is one is known when its name is.
static void put_waiters(int index, uintptr_t frame, int *left) {
    uintptr_t words[2];
    if (!read_words(frame - sizeof(uintptr_t), words)) return;
    uintptr_t context = words[0];
    for (int count = 0; count < waiters_of_frame_max && *left > 0; count++) {
        if (!read_words(context, words) || !is_code(words[1])) return;
        put_text("async ");
        put_number((uint64_t)index, 10);
        put_address(" ", words[1]);
        *left -= 1;
        context = words[0];
    }
}

static void put_frames(uintptr_t pc, uintptr_t frame) {
    int left = waiters_max;
    put_address("frame ", pc);
    for (int index = 0; index < frames_max; index++) {
        put_waiters(index, frame, &left);
        uintptr_t words[2];
        if (!read_words(frame, words) || !is_code(words[1])) return;
        put_address("frame ", words[1]);
        // Frames of one stack lie one above the other.
        if (words[0] <= frame) return;
        frame = words[0];
    }
}

static void put_notes(void) {
    unsigned next = atomic_load(&notes_next);
    for (unsigned back = notes_max; back > 0; back--) {
        unsigned turn = (next - back) % notes_max;
        unsigned before = atomic_load(&notes[turn].turn);
        if (before == 0 || before % 2 != 0) continue;
        put_text("note ");
        put(notes[turn].text, notes[turn].size <= note_size ? notes[turn].size : note_size);
        put_text("\n");
    }
}

static _Unwind_Reason_Code put_unwound(struct _Unwind_Context *context, void *count) {
    int *left = count;
    if (*left == 0) return _URC_END_OF_STACK;
    *left -= 1;
    uintptr_t address = _Unwind_GetIP(context);
    if (address != 0) put_address("unwound ", address);
    return _URC_NO_REASON;
}

static void put_report(int number, const siginfo_t *info, const ucontext_t *context) {
    put_text("signal ");
    put_number((uint64_t)number, 10);
    put_text(" ");
    put_number((uint64_t)(uint32_t)info->si_code, 10);
    put_address(" ", info->si_code > 0 ? (uintptr_t)info->si_addr : 0);
    put_text("thread ");
    put_number((uint64_t)syscall(SYS_gettid), 10);
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    put_text("\ntime ");
    put_number((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, 10);
    put_text("\n");
#if defined(__x86_64__)
    put_frames(
        (uintptr_t)context->uc_mcontext.gregs[REG_RIP],
        (uintptr_t)context->uc_mcontext.gregs[REG_RBP]);
#elif defined(__aarch64__)
    put_frames((uintptr_t)context->uc_mcontext.pc, (uintptr_t)context->uc_mcontext.regs[29]);
#endif
    put_notes();
    flush();
    // What follows is not async-signal-safe by the book: the unwinder looks for its tables under a
    // lock of the loader. The report is whole without it; should it never return, an alarm ends
    // the process. It finds callers of the C library, which keeps no frame pointers.
    struct sigaction plain;
    memset(&plain, 0, sizeof plain);
    plain.sa_handler = SIG_DFL;
    sigaction(SIGALRM, &plain, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    alarm(3);
    int left = frames_max;
    _Unwind_Backtrace(put_unwound, &left);
    put_text("end\n");
    flush();
    alarm(0);
}

static void restore(int number) {
    for (int place = 0; place < signals_count; place++) {
        if (signals[place] == number) sigaction(number, &previous[place], NULL);
    }
}

static void handle(int number, siginfo_t *info, void *context) {
    int kept = errno;
    int thread = (int)syscall(SYS_gettid);
    int none = 0;
    if (atomic_compare_exchange_strong(&owner, &none, thread)) {
        if (atomic_load(&armed)) put_report(number, info, context);
    } else if (none != thread) {
        // Another thread writes, and ends the process for both.
        for (int count = 0; count < 5; count++) sleep(1);
    } else {
        // The handler itself failed: what it wrote stays.
        flush();
    }
    // Whoever was there before goes on, in the end the system's own way. A fault comes again when
    // its instruction does; a signal that was sent does not.
    restore(number);
    if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), thread, number);
    errno = kept;
}

static int add_ranges(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    for (int place = 0; place < info->dlpi_phnum; place++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[place];
        if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
        if (ranges_count == ranges_max) return 1;
        ranges[ranges_count].start = info->dlpi_addr + header->p_vaddr;
        ranges[ranges_count].end = ranges[ranges_count].start + header->p_memsz;
        ranges_count += 1;
    }
    return 0;
}

static _Unwind_Reason_Code skip(struct _Unwind_Context *context, void *data) {
    (void)context;
    (void)data;
    return _URC_NO_REASON;
}

int cperchcrash_install(int descriptor) {
    if (report >= 0) return EALREADY;
    if (pipe2(probe, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
    dl_iterate_phdr(add_ranges, NULL);
    // The first call loads what it needs; it must not do that in the handler.
    _Unwind_Backtrace(skip, NULL);
    cperchcrash_thread();
    report = descriptor;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    for (int place = 0; place < signals_count; place++) {
        if (sigaction(signals[place], &action, &previous[place]) != 0) return errno;
    }
    atomic_store(&armed, 1);
    return 0;
}

void cperchcrash_arm(int is_armed) { atomic_store(&armed, is_armed); }

void cperchcrash_thread(void) {
    static _Thread_local int is_ready;
    if (is_ready) return;
    is_ready = 1;
    stack_t old;
    if (sigaltstack(NULL, &old) != 0) return;
    if (!(old.ss_flags & SS_DISABLE) && old.ss_size >= stack_size / 2) return;
    // Never freed: a thread that ends leaves untouched pages, which cost no memory.
    void *memory = mmap(
        NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t own;
    memset(&own, 0, sizeof own);
    own.ss_sp = memory;
    own.ss_size = stack_size;
    sigaltstack(&own, NULL);
}

void cperchcrash_note(const char *text, size_t count) {
    unsigned place = atomic_fetch_add(&notes_next, 1) % notes_max;
    // Two at one place are a whole ring apart; the later one gives way.
    unsigned turn = atomic_load(&notes[place].turn);
    if (turn % 2 != 0 || !atomic_compare_exchange_strong(&notes[place].turn, &turn, turn + 1)) {
        return;
    }
    if (count > note_size) count = note_size;
    notes[place].size = (unsigned)count;
    memcpy(notes[place].text, text, count);
    atomic_store(&notes[place].turn, turn + 2);
}

#else

int cperchcrash_install(int descriptor) {
    (void)descriptor;
    return 1;
}

void cperchcrash_thread(void) {}

void cperchcrash_note(const char *text, size_t count) {
    (void)text;
    (void)count;
}

void cperchcrash_arm(int is_armed) { (void)is_armed; }

#endif
