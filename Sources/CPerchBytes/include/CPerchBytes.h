#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes at `bytes`, continued from `seed`; 0 starts a new one.
///
/// Uses the processor's instruction where there is one, else a table.
uint32_t cperchbytes_crc32c(uint32_t seed, const void *bytes, size_t count);

/// The same by the plain table: the oracle of the tests.
uint32_t cperchbytes_crc32c_plain(uint32_t seed, const void *bytes, size_t count);

/// Gives memory that was freed back to the system, where the C library can be asked to.
void cperchbytes_trim(void);

/// How many bytes from `bytes` on are zero, up to `count`.
size_t cperchbytes_zero_count(const void *bytes, size_t count);
