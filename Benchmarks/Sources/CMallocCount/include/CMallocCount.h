#pragma once

#include <stdint.h>

/// How often memory was asked for since the process began; 0 where the C library is another.
uint64_t cmalloccount_total(void);

/// Nanoseconds of all cores that the process took.
uint64_t cmalloccount_cpu(void);
