#include "include/CPerchBytes.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void cperchbytes_trim(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
