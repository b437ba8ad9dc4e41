/*
 * A disk that fails with EIO, put in front of libc by LD_PRELOAD. BAD_CALL says what fails (read,
 * write, sync), and BAD_FILE of what: an inode (#123), or all files whose path holds that text.
 * Linux with glibc. Unaware of who uses the disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_bad(const char *call, int fd) {
  const char *bad_call = getenv("BAD_CALL"), *file = getenv("BAD_FILE");
  if (bad_call == NULL || file == NULL || strcmp(call, bad_call) != 0) return 0;
  if (file[0] == '#') {
    struct stat at;
    return fstat(fd, &at) == 0 && at.st_ino == strtoull(file + 1, NULL, 10);
  }
  char link[64], path[PATH_MAX + 1];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX);
  if (length < 0) return 0;
  path[length] = '\0';
  return path[0] == '/' && strstr(path, file) != NULL;
}

#define BAD(call, name, result, parameters, arguments)                \
  result name parameters {                                            \
    static result(*real) parameters;                                  \
    if (real == NULL) real = (result(*) parameters)dlsym(RTLD_NEXT, #name); \
    if (is_bad(call, fd)) {                                           \
      errno = EIO;                                                    \
      return -1;                                                      \
    }                                                                 \
    return real arguments;                                            \
  }

typedef const struct iovec *Parts;

BAD("read", read, ssize_t, (int fd, void *to, size_t size), (fd, to, size))
BAD("read", pread, ssize_t, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
BAD("read", pread64, ssize_t, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))
BAD("read", readv, ssize_t, (int fd, Parts to, int count), (fd, to, count))
BAD("read", preadv, ssize_t, (int fd, Parts to, int count, off_t at), (fd, to, count, at))
BAD("read", preadv64, ssize_t, (int fd, Parts to, int count, off64_t at), (fd, to, count, at))
BAD("write", write, ssize_t, (int fd, const void *from, size_t size), (fd, from, size))
BAD("write", pwrite, ssize_t, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
BAD("write", pwrite64, ssize_t, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
BAD("write", writev, ssize_t, (int fd, Parts from, int count), (fd, from, count))
BAD("write", pwritev, ssize_t, (int fd, Parts from, int count, off_t at), (fd, from, count, at))
BAD("write", pwritev64, ssize_t, (int fd, Parts from, int count, off64_t at), (fd, from, count, at))
BAD("sync", fsync, int, (int fd), (fd))
BAD("sync", fdatasync, int, (int fd), (fd))
