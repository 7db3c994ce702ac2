// Preloaded when valgrind counts Steelyard's instructions. The main thread of a Swift program ends in libdispatch, which
// waits in `sigsuspend` for signals that never come; valgrind 3.19 crashes on that call. Waiting is all it needs to do.
//
//     cc -shared -fPIC -o sigsuspend.so sigsuspend.c

#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    (void)mask;
    return pause();
}
