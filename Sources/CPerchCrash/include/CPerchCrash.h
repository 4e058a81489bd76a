#pragma once

#include <stddef.h>
#include <stdint.h>

/// Gives the calling thread a stack for the handler, so that it can run when the thread's own stack
/// is full; once a thread, later calls cost a comparison.
void cperchcrash_thread(void);

/// Catches the signals that end a process by a fault; a report is appended to `descriptor`.
///
/// Answers 0, or the error of the system.
int cperchcrash_install(int descriptor);

/// Sets whether it is noted where errors are thrown; answers 0 where the runtime has no hook for it.
int cperchcrash_note_throws(int on);

/// Learns how the frame of an asynchronous function is known: call it straight from one, after it
/// has waited.
void cperchcrash_learn_task(void);

/// Writes the return addresses of the calls that threw an error, the innermost first, and after
/// them those of the tasks' functions that wait for it, of which `waiters` says how many there are;
/// answers how many addresses that is, 0 for an error that was not noted.
///
/// `error` is the address of a Swift error that is alive.
size_t cperchcrash_throw_site(
    const void *error, uint64_t *addresses, size_t size, size_t *waiters);

/// Writes to standard output, all or until it fails.
void cperchcrash_write(const void *bytes, size_t count);

/// Keeps the last texts for the report; longer ones are cut.
void cperchcrash_note(const char *text, size_t count);

/// Sets whether a signal writes a report: not when one was made in another way already.
void cperchcrash_arm(int is_armed);

/// Makes `folder` for this user alone where it is missing, and in it a file `name` with a lock that
/// lasts as long as the process.
///
/// Answers the descriptor, or -1: also when the folder is somebody else's.
int cperchcrash_create(const char *folder, const char *name);

/// Removes the file of `cperchcrash_create` when the process ends by itself.
void cperchcrash_remove_at_exit(const char *path);

/// Opens a file of `folder` and locks it; -1 when its process lives still.
int cperchcrash_claim(const char *folder, const char *name);

/// Removes a file of `folder`.
void cperchcrash_remove(const char *folder, const char *name);

/// Writes the names of files in `folder` that end in `suffix` to `names`, each with a line feed;
/// answers how many bytes that are.
size_t cperchcrash_list(const char *folder, const char *suffix, char *names, size_t size);

/// The user's number, the process's number.
uint32_t cperchcrash_user(void);
uint32_t cperchcrash_process(void);

/// Reads address 8, for tests of the handler.
void cperchcrash_fault(void);

/// Calls `abort`, for tests of the handler.
void cperchcrash_abort(void);

/// Maps a file for reading and sets its size; NULL when that cannot be.
const void *cperchcrash_map(const char *path, size_t *size);

/// Ends a mapping of `cperchcrash_map`.
void cperchcrash_unmap(const void *memory, size_t size);

/// Bytes that a user may still write to the disk of a path; -1 when the system does not say.
int64_t cperchcrash_free(const char *path);

/// A variable of the environment, `NAME=value`; NULL after the last.
const char *cperchcrash_variable(size_t index);
