// Files of reports: one for each process, locked as long as it lives.

#define _GNU_SOURCE
#include "CPerchCrash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// Not declared by every C library.
extern char **environ;

static char removed_path[PATH_MAX];
static pid_t removed_by;

static int open_folder(const char *folder) {
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return -1;
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (descriptor >= 0 && (fstat(descriptor, &status) != 0 || status.st_uid != geteuid())) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static int open_file(const char *folder, const char *name, int flags) {
    int parent = open_folder(folder);
    if (parent < 0) return -1;
    int descriptor = openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
    close(parent);
    if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

int cperchcrash_create(const char *folder, const char *name) {
    return open_file(folder, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
}

int cperchcrash_claim(const char *folder, const char *name) {
    return open_file(folder, name, O_RDWR);
}

static void remove_at_exit(void) {
    // Not in a child that was forked and never became another program.
    if (getpid() == removed_by) unlink(removed_path);
}

void cperchcrash_remove_at_exit(const char *path) {
    if (removed_by != 0 || strlen(path) >= sizeof removed_path) return;
    strcpy(removed_path, path);
    removed_by = getpid();
    atexit(remove_at_exit);
}

size_t cperchcrash_list(const char *folder, const char *suffix, char *names, size_t size) {
    DIR *directory = opendir(folder);
    if (directory == NULL) return 0;
    size_t used = 0;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        size_t count = strlen(entry->d_name), tail = strlen(suffix);
        if (count <= tail || strcmp(entry->d_name + count - tail, suffix) != 0) continue;
        if (used + count + 1 > size) break;
        memcpy(names + used, entry->d_name, count);
        names[used + count] = '\n';
        used += count + 1;
    }
    closedir(directory);
    return used;
}

uint32_t cperchcrash_user(void) { return (uint32_t)geteuid(); }

uint32_t cperchcrash_process(void) { return (uint32_t)getpid(); }

void cperchcrash_fault(void) {
    volatile int *nothing = (volatile int *)(uintptr_t)8;
    (void)*nothing;
}

void cperchcrash_remove(const char *folder, const char *name) {
    int parent = open_folder(folder);
    if (parent < 0) return;
    unlinkat(parent, name, 0);
    close(parent);
}

void cperchcrash_abort(void) { abort(); }

const void *cperchcrash_map(const char *path, size_t *size) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return NULL;
    struct stat status;
    void *memory = MAP_FAILED;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    }
    close(descriptor);
    if (memory == MAP_FAILED) return NULL;
    *size = (size_t)status.st_size;
    return memory;
}

void cperchcrash_unmap(const void *memory, size_t size) { munmap((void *)memory, size); }

int64_t cperchcrash_free(const char *path) {
    struct statvfs status;
    if (statvfs(path, &status) != 0) return -1;
    uint64_t size = (uint64_t)status.f_bavail * status.f_frsize;
    return size > INT64_MAX ? INT64_MAX : (int64_t)size;
}

const char *cperchcrash_variable(size_t index) { return environ[index]; }

void cperchcrash_write(const void *bytes, size_t count) {
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, rest, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        rest += written;
        count -= (size_t)written;
    }
}
