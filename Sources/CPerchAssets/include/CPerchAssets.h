// The files that browsers load, linked into the binary: ours (client/) and those of other authors.
//
// Those of others come from generated.inc, which the asset script writes and which is not kept in
// the repository. Without it they are missing, and pages say what to run.

#ifndef C_PERCH_ASSETS_H
#define C_PERCH_ASSETS_H

#include <stddef.h>

/// One file: its name, its bytes and how many.
struct perch_asset {
    const char *name;
    const unsigned char *bytes;
    size_t length;
};

/// How many files there are.
size_t perch_asset_count(void);

/// How many bytes the name of the file at `index` has, or 0 beyond the end.
size_t perch_asset_name_length(size_t index);

/// The byte at `offset` of the name, or 0 beyond the end.
unsigned char perch_asset_name_byte(size_t index, size_t offset);

/// How many bytes the file at `index` has, or 0 beyond the end.
size_t perch_asset_length(size_t index);

/// The byte at `offset` of the file at `index`, or 0 beyond the end.
unsigned char perch_asset_byte(size_t index, size_t offset);

#endif
