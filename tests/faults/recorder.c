/* Preloaded into a process, it writes down each change to the files below one folder.
 *
 * RECORDER_ROOT is that folder, RECORDER_TRACE the file that records are appended to. A
 * record is a line "<kind> <offset> <size> <length> <length> <length>\n" and then a path, a
 * second path and the bytes, of these lengths. A change is recorded once it is made; a sync
 * when it is asked for, so that it covers what was recorded before it. Nothing is synced in
 * truth: what the disk would hold is worked out from the trace.
 *
 * Changes through mmap are not seen; SQLite makes none to what it wants to find again.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int trace = -1;
static char root[PATH_MAX];
static size_t root_length;

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("RECORDER_ROOT"), *file = getenv("RECORDER_TRACE");
    if (!folder || !file || !realpath(folder, root)) return;
    root_length = strlen(root);
    trace = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_watched(const char *path) {
    return trace >= 0 && !strncmp(path, root, root_length) &&
           (path[root_length] == '/' || !path[root_length]);
}

static void record(char kind, const char *path, const char *other, off_t offset, off_t size,
                   const void *data, size_t length) {
    char head[128];
    int n = snprintf(head, sizeof head, "%c %lld %lld %zu %zu %zu\n", kind, (long long)offset,
                     (long long)size, strlen(path), strlen(other), length);
    struct iovec parts[] = {{head, n},
                            {(void *)path, strlen(path)},
                            {(void *)other, strlen(other)},
                            {(void *)data, length}};
    /* One call: appended whole, between the records of other threads and processes. */
    syscall(SYS_writev, trace, parts, 4);
}

/* The watched path of an open file; 0 when it is none, or has no name any more. */
static int path_of(int fd, char *path) {
    char link[64];
    if (trace < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return is_watched(path) && !strstr(path, " (deleted)");
}

/* The same for a name, which need not exist; its folder must. */
static int resolve(int folder, const char *name, char *path) {
    char whole[PATH_MAX], parent[PATH_MAX];
    if (trace < 0) return 0;
    if (*name == '/') {
        snprintf(whole, sizeof whole, "%s", name);
    } else {
        char link[64];
        if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t n = readlink(link, whole, sizeof whole - 1);
        if (n < 0) return 0;
        if (snprintf(whole + n, sizeof whole - n, "/%s", name) >= (int)sizeof whole - n) return 0;
    }
    char *last = strrchr(whole, '/');
    *last = 0;
    if (!realpath(*whole ? whole : "/", parent)) return 0;
    return snprintf(path, PATH_MAX, "%s/%s", parent, last + 1) < PATH_MAX && is_watched(path);
}

static void opened(int fd, int flags) {
    char path[PATH_MAX];
    if (fd < 0 || !(flags & (O_CREAT | O_TRUNC)) || !path_of(fd, path)) return;
    if (flags & O_CREAT) record('c', path, "", 0, 0, "", 0);
    if (flags & O_TRUNC) record('t', path, "", 0, 0, "", 0);
}

#define OPEN(name)                                   \
    int name(const char *path, int flags, ...) {     \
        va_list rest;                                \
        va_start(rest, flags);                       \
        mode_t mode = va_arg(rest, mode_t);          \
        va_end(rest);                                \
        int fd = REAL(name)(path, flags, mode);      \
        opened(fd, flags);                           \
        return fd;                                   \
    }
#define OPENAT(name)                                        \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        mode_t mode = va_arg(rest, mode_t);                 \
        va_end(rest);                                       \
        int fd = REAL(name)(folder, path, flags, mode);     \
        opened(fd, flags);                                  \
        return fd;                                          \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t length) {
    char path[PATH_MAX];
    ssize_t done = REAL(write)(fd, data, length);
    if (done > 0 && path_of(fd, path))
        record('w', path, "", lseek(fd, 0, SEEK_CUR) - done, 0, data, done);
    return done;
}

#define PWRITE(name)                                                      \
    ssize_t name(int fd, const void *data, size_t length, off_t offset) { \
        char path[PATH_MAX];                                              \
        ssize_t done = REAL(name)(fd, data, length, offset);              \
        if (done > 0 && path_of(fd, path))                                \
            record('w', path, "", offset, 0, data, done);                 \
        return done;                                                      \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define TRUNCATE(name)                                    \
    int name(int fd, off_t size) {                        \
        char path[PATH_MAX];                              \
        int failed = REAL(name)(fd, size);                \
        if (!failed && path_of(fd, path))                 \
            record('t', path, "", 0, size, "", 0);        \
        return failed;                                    \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(name)                                        \
    int name(int fd) {                                    \
        char path[PATH_MAX];                              \
        if (!path_of(fd, path)) return REAL(name)(fd);    \
        record('s', path, "", 0, 0, "", 0);               \
        return 0;                                         \
    }
SYNC(fsync)
SYNC(fdatasync)

/* Its caller then copies with read and write. */
#define SENDFILE(name)                                                      \
    ssize_t name(int out, int in, off_t *offset, size_t count) {            \
        char path[PATH_MAX];                                                \
        if (path_of(out, path)) {                                           \
            errno = EINVAL;                                                 \
            return -1;                                                      \
        }                                                                   \
        return ((ssize_t(*)(int, int, off_t *, size_t))dlsym(RTLD_NEXT, #name))(out, in, offset, \
                                                                                count);          \
    }
SENDFILE(sendfile)
SENDFILE(sendfile64)

#define NAMED(kind, folder, name, call)                              \
    char path[PATH_MAX];                                             \
    int is_ours = resolve(folder, name, path), failed = call;        \
    if (!failed && is_ours) record(kind, path, "", 0, 0, "", 0);     \
    return failed;

int mkdir(const char *name, mode_t mode) {
    NAMED('m', AT_FDCWD, name, REAL(mkdir)(name, mode))
}
int mkdirat(int folder, const char *name, mode_t mode) {
    NAMED('m', folder, name, REAL(mkdirat)(folder, name, mode))
}
int unlink(const char *name) { NAMED('u', AT_FDCWD, name, REAL(unlink)(name)) }
int rmdir(const char *name) { NAMED('u', AT_FDCWD, name, REAL(rmdir)(name)) }
int unlinkat(int folder, const char *name, int flags) {
    NAMED('u', folder, name, REAL(unlinkat)(folder, name, flags))
}

#define NAMED_TWICE(kind, folder, name, other_folder, other, call)                         \
    char path[PATH_MAX], target[PATH_MAX];                                                 \
    int is_ours = resolve(folder, name, path) & resolve(other_folder, other, target);      \
    int failed = call;                                                                     \
    if (!failed && is_ours) record(kind, path, target, 0, 0, "", 0);                       \
    return failed;

int link(const char *name, const char *other) {
    NAMED_TWICE('l', AT_FDCWD, name, AT_FDCWD, other, REAL(link)(name, other))
}
int linkat(int folder, const char *name, int other_folder, const char *other, int flags) {
    NAMED_TWICE('l', folder, name, other_folder, other,
                REAL(linkat)(folder, name, other_folder, other, flags))
}
int rename(const char *name, const char *other) {
    NAMED_TWICE('r', AT_FDCWD, name, AT_FDCWD, other, REAL(rename)(name, other))
}
int renameat(int folder, const char *name, int other_folder, const char *other) {
    NAMED_TWICE('r', folder, name, other_folder, other,
                REAL(renameat)(folder, name, other_folder, other))
}
