#include "CPerchBytes.h"

#include <string.h>

size_t cperchbytes_zero_count(const void *bytes, size_t count) {
    const uint8_t *start = bytes;
    size_t done = 0;
    // Four words at a time: compilers make one vector of them.
    while (count - done >= 32) {
        uint64_t words[4];
        memcpy(words, start + done, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) != 0) {
            break;
        }
        done += 32;
    }
    while (done < count && start[done] == 0) {
        done++;
    }
    return done;
}
