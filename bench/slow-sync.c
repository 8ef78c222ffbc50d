/* Preloaded into a process: fsync and fdatasync take at least BENCH_SYNC_MS, as on a slower disk. At its end the process
   adds a line to the file BENCH_SYNC_TOLD: how many there were, and how many nanoseconds they took together. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static atomic_llong flushes, took_ns;

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int slowly(const char *name, int file) {
  const char *ms = getenv("BENCH_SYNC_MS");
  long long begin = now_ns();
  long long end = begin + (long long)((ms ? atof(ms) : 0) * 1e6);
  int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = flush(file);
  int error = errno;
  struct timespec until = {end / 1000000000LL, end % 1000000000LL};
  while (now_ns() < end) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  flushes += 1;
  took_ns += now_ns() - begin;
  errno = error;
  return result;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("BENCH_SYNC_TOLD");
  FILE *told = flushes > 0 && path ? fopen(path, "a") : NULL;
  if (!told) return;
  fprintf(told, "%lld %lld\n", (long long)flushes, (long long)took_ns);
  fclose(told);
}
