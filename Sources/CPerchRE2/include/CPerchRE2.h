#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// RE2 behind functions that C and Swift can call. No exception leaves it, nothing is kept of the
// bytes it is given.

#ifdef __cplusplus
extern "C" {
#endif

typedef struct perch_re2 perch_re2;

/// Compiles a pattern within `memory` bytes of program and matching state.
///
/// `dot_newline` says whether a dot matches a newline too. NULL when it cannot: then `error` holds
/// the reason in the words of Go's regexp package, which Prometheus' clients know, cut to its
/// capacity and ended by a zero.
perch_re2 *perch_re2_new(
    const char *pattern, size_t length, int64_t memory, bool dot_newline, char *error,
    size_t error_capacity);

void perch_re2_delete(perch_re2 *expression);

/// How many capturing groups the pattern has.
int perch_re2_group_count(const perch_re2 *expression);

/// Looks for a match in `text` from byte `start` on; `anchored` asks that it spans all of the text.
///
/// Fills `groups` pairs of byte offsets, group 0 first; -1 for a group without part in the match.
bool perch_re2_match(
    const perch_re2 *expression, const char *text, size_t length, size_t start, bool anchored,
    int64_t *offsets, int groups);

/// Copies the name of a capturing group (1 is the first), ended by a zero; answers its length,
/// 0 for a group without a name.
size_t perch_re2_group_name(
    const perch_re2 *expression, int group, char *name, size_t capacity);

/// Where `needle` first stands in `text`, or -1.
int64_t perch_re2_find(
    const char *text, size_t length, const char *needle, size_t needle_length);

#ifdef __cplusplus
}
#endif
