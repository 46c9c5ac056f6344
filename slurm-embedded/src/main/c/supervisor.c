/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slurm-supervisor DIRECTORY         the one parent of all processes of a cluster
 * slurm-supervisor --reap DIRECTORY  kills what a supervisor that died by SIGKILL has left
 *
 * It starts the daemons of a plan, each when those that it waits for are ready, and sees to it that
 * nothing stays: not when the owner dies, not when anything of the cluster is killed, itself
 * included. There are three kinds of process, each the adopter of what loses its parent below it
 * (PR_SET_CHILD_SUBREAPER), and each told by the kernel when the one above it dies
 * (PR_SET_PDEATHSIG):
 *
 *   guard                     waits for the supervisor's end, then kills what is left below
 *   └ supervisor              follows the plan, the owner and the commands
 *     └ keeper, one a daemon  waits for the daemon's end, then kills what is left of it
 *       └ daemon
 *
 * Files in DIRECTORY, all with mode 0600:
 *
 *   supervisor.plan     read at the start and on "reload"; see below
 *   supervisor.lock     write-locked (F_OFD_SETLK) until the last process is gone; holds the
 *                       guard's process id and start time
 *   supervisor.state    replaced atomically at each change; see below
 *   supervisor.control  a FIFO that takes commands, one a line; gone after an orderly end
 *   supervisor.log      what the supervisor itself has to say
 *
 * Lines of the plan, UTF-8, each a key and a value that goes to the end of the line; in values \\ is
 * a backslash and \n a line feed. Relative paths are below DIRECTORY.
 *
 *   owner PID START   all ends at once when this process does; START is field 22 of its stat file
 *                     (clock ticks since boot), so that another process of that id is not taken for it.
 *                     With it go commands that it has started, which have SLURM_MAVEN_CLUSTER, too
 *   grace MILLIS      how long an orderly end may last before everything is killed (default 5000)
 *   remove PATH       removed, with all below it, when the owner is gone. A directory NAME becomes
 *                     .NAME.removed first, so that nobody who kills us leaves half of it
 *   daemon NAME       begins a daemon; what follows is about it
 *   arg TEXT          the next word of its command line; the first is the program's absolute path
 *   env NAME=VALUE    its environment is these, and SLURM_MAVEN_CLUSTER=DIRECTORY, and nothing else
 *   dir PATH          its working directory (default: DIRECTORY)
 *   log PATH          where its standard output and error are appended (default: NAME.log)
 *   after NAME        it is started when that daemon is ready; may be repeated
 *   ready-log TEXT    it is ready when TEXT appears in the log
 *   ready-path PATH   it is ready when this exists; what is left there from before is removed first
 *
 * Without a ready line a daemon is ready when it has been started. At an orderly end a daemon gets
 * its SIGTERM when those that name it in "after" have ended.
 *
 * Commands, each after a word that names it in the answer:
 *
 *   ID stop           the end of all (as does SIGTERM)
 *   ID stop NAME      SIGTERM to a daemon; when it ends, all that it started is killed
 *   ID kill NAME      SIGKILL to a daemon and to all that it started
 *   ID start NAME     starts a daemon that has ended
 *   ID owner PID START  from now on the owner; "owner 0 0" for none
 *   ID reload         reads the plan anew: starts what is new in it, ends what is not in it any more
 *
 * Lines of the state:
 *
 *   supervisor PID START PHASE                      starting, running, stopping or stopped
 *   daemon NAME STATE PID START SINCE DETAIL        SINCE in milliseconds since 1970
 *   answer ID ok | answer ID error TEXT             to the last commands
 *
 * STATE is waiting; starting; ready; exited (DETAIL: exit status); killed (DETAIL: signal);
 * failed (DETAIL: why it could not be started). PHASE is starting while a daemon waits or starts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define MARKER "SLURM_MAVEN_CLUSTER="
#define LOCK_FD 3
#define SLOTS 4096
#define ANSWERS 16
#define DESCRIPTORS 65536
/* Between two looks where the kernel reports nothing: no inotify left, no pidfd_open. */
#define POLL_MILLIS 20
#define OWNER_POLL_MILLIS 100

enum exit_status { BROKEN = 1, MISTAKE = 2, ALREADY_RUNNING = 3 };
enum state { WAITING, STARTING, READY, EXITED, KILLED, FAILED };
static const char *const STATE_NAMES[] = {"waiting", "starting", "ready", "exited", "killed", "failed"};

struct list {
  char **items;
  size_t size;
};

struct daemon {
  char *name, *directory, *log, *ready_log, *ready_path;
  struct list arguments, environment, after;
  enum state state;
  int detail, slot;
  pid_t keeper, pid;
  unsigned long long start;
  long long since;
  off_t scanned;
  bool told_to_end, killed, leaving;
  struct daemon *next;
};

struct plan {
  struct daemon *daemons;
  struct list removals;
  pid_t owner;
  unsigned long long owner_start;
  long grace;
};

/* What a keeper lets the supervisor know; shared memory. */
struct slot {
  volatile pid_t pid;
  volatile int error;
};

struct process {
  pid_t pid, parent;
  char state;
  unsigned long long start;
  bool chosen;
};

static char directory[PATH_MAX];
static struct plan plan;
static struct slot *slots;
static bool slot_taken[SLOTS];
static mode_t users_umask;
static pid_t supervisor;
static pid_t main_child;
static int main_status;
static bool main_child_ended;
static int epoll_fd = -1, signal_fd = -1, control_fd = -1, inotify_fd = -1, owner_fd = -1;
static bool dirty = true, stopping, stopped, owner_gone;
static long long deadline;
static char *answers[ANSWERS];
static size_t answered;

/* ---- small things ---- */

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("slurm-supervisor: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

static _Noreturn void give_up(enum exit_status status, const char *what) {
  say("%s: %s", what, strerror(errno));
  exit(status);
}

static void *checked(void *memory) {
  if (memory == NULL) give_up(BROKEN, "memory");
  return memory;
}

static char *copy(const char *text) { return checked(strdup(text)); }

static void add(struct list *list, const char *text) {
  list->items = checked(realloc(list->items, (list->size + 2) * sizeof(char *)));
  list->items[list->size++] = copy(text);
  list->items[list->size] = NULL;
}

static void clear(struct list *list) {
  for (size_t i = 0; i < list->size; i++) free(list->items[i]);
  free(list->items);
  *list = (struct list){0};
}

static long long millis(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* ---- processes ---- */

/* Reads a file of /proc; adds a NUL; -1 when it cannot be read. */
static ssize_t slurp(const char *path, char *buffer, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  size_t length = 0;
  ssize_t got;
  while (length < size - 1 && (got = read(fd, buffer + length, size - 1 - length)) > 0) length += got;
  close(fd);
  buffer[length] = '\0';
  return length;
}

static bool look_up(pid_t pid, struct process *process) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (slurp(path, line, sizeof line) <= 0) return false;
  char *rest = strrchr(line, ')'); /* the name before it may hold anything */
  int parent;
  *process = (struct process){.pid = pid};
  if (rest == NULL
      || sscanf(rest + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
             &process->state, &parent, &process->start) != 3)
    return false;
  process->parent = parent;
  return true;
}

static size_t all_processes(struct process **processes) {
  size_t count = 0, room = 0;
  DIR *proc = opendir("/proc");
  if (proc == NULL) give_up(BROKEN, "/proc");
  *processes = NULL;
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    int pid = atoi(entry->d_name);
    if (pid <= 0) continue;
    if (count == room) {
      room = room * 2 + 256;
      *processes = checked(realloc(*processes, room * sizeof **processes));
    }
    if (look_up(pid, *processes + count)) count++;
  }
  closedir(proc);
  return count;
}

/* Chooses all whose parent is chosen, and theirs. */
static void choose_descendants(struct process *processes, size_t count) {
  bool again = true;
  while (again) {
    again = false;
    for (size_t i = 0; i < count; i++) {
      if (processes[i].chosen) continue;
      for (size_t j = 0; j < count && !processes[i].chosen; j++)
        processes[i].chosen = processes[j].chosen && processes[j].pid == processes[i].parent;
      again |= processes[i].chosen;
    }
  }
}

/* Kills the chosen; returns how many are really going to end. */
static size_t kill_chosen(struct process *processes, size_t count) {
  size_t killed = 0;
  for (size_t i = 0; i < count; i++)
    if (processes[i].chosen && processes[i].state != 'Z' && kill(processes[i].pid, SIGKILL) == 0) killed++;
  return killed;
}

/* Takes the exit status of each child that has ended; false when there is no child any more. */
static bool reap_children(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
    if (pid == main_child) {
      main_status = status;
      main_child_ended = true;
    }
  }
  return pid == 0;
}

/* Kills the children of this process, and returns how many it could kill. */
static size_t kill_children(void) {
  static char children[65536];
  size_t killed = 0;
  if (slurp("/proc/thread-self/children", children, sizeof children) >= 0) {
    char *rest, *each = strtok_r(children, " ", &rest);
    for (; each != NULL; each = strtok_r(NULL, " ", &rest)) killed += kill(atoi(each), SIGKILL) == 0;
    return killed;
  }
  struct process *processes; /* a kernel without CONFIG_PROC_CHILDREN */
  size_t count = all_processes(&processes);
  for (size_t i = 0; i < count; i++) processes[i].chosen = processes[i].parent == getpid();
  killed = kill_chosen(processes, count);
  free(processes);
  return killed;
}

/*
 * Kills everything below this process, until nothing is left there: from the top, since the
 * children of what dies become our children.
 */
static void sweep(void) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (int fruitless = 0; reap_children() && fruitless < 20;) {
    /* What is left may belong to another user (a job that ran sudo): it cannot be ended by us. */
    fruitless = kill_children() > 0 ? 0 : fruitless + 1;
    sigtimedwait(&child, NULL, &(struct timespec){.tv_nsec = 50 * 1000 * 1000});
  }
}

/* Waits for the end of a child, passing SIGTERM on to it, kills what it has left, and ends as it did. */
static _Noreturn void keep(pid_t child) {
  sigset_t all;
  sigfillset(&all);
  main_child = child;
  while (!main_child_ended) {
    switch (sigwaitinfo(&all, NULL)) {
    case SIGCHLD:
      reap_children();
      break;
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
      kill(child, SIGTERM);
      break;
    case SIGUSR1: /* "kill", or the end of the process above */
      sweep();
      main_child_ended = true;
      break;
    }
  }
  sweep();
  if (WIFSIGNALED(main_status)) {
    int number = WTERMSIG(main_status);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    raise(number);
  }
  _exit(WEXITSTATUS(main_status));
}

static void adopt_orphans(pid_t parent, int signal_at_its_end) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, signal_at_its_end);
  if (getppid() != parent) _exit(BROKEN); /* it died before it could be watched */
}

/* ---- plan ---- */

static void unescape(char *text) {
  char *to = text;
  for (; *text != '\0'; text++) {
    if (*text == '\\' && text[1] != '\0') *to++ = *++text == 'n' ? '\n' : *text;
    else *to++ = *text;
  }
  *to = '\0';
}

static void discard(struct daemon *daemon) {
  free(daemon->name);
  free(daemon->directory);
  free(daemon->log);
  free(daemon->ready_log);
  free(daemon->ready_path);
  clear(&daemon->arguments);
  clear(&daemon->environment);
  clear(&daemon->after);
  free(daemon);
}

static void discard_all(struct daemon *daemons) {
  for (struct daemon *next; daemons != NULL; daemons = next) {
    next = daemons->next;
    discard(daemons);
  }
}

static struct daemon *find(struct daemon *daemons, const char *name) {
  while (daemons != NULL && strcmp(daemons->name, name) != 0) daemons = daemons->next;
  return daemons;
}

static bool set(char **field, const char *value) {
  free(*field);
  *field = copy(value);
  return true;
}

static bool whole_number(const char *text, long long least, long long *value) {
  char *end;
  errno = 0;
  *value = strtoll(text, &end, 10);
  return errno == 0 && end != text && *end == '\0' && *value >= least;
}

static bool read_owner(const char *text, pid_t *pid, unsigned long long *start) {
  int length = 0, number;
  if (sscanf(text, "%d %llu%n", &number, start, &length) != 2 || text[length] != '\0' || number < 0) return false;
  *pid = number;
  return true;
}

static bool read_daemon_line(struct daemon *daemon, const char *key, const char *value) {
  if (strcmp(key, "arg") == 0) return add(&daemon->arguments, value), true;
  if (strcmp(key, "env") == 0) return add(&daemon->environment, value), true;
  if (strcmp(key, "after") == 0) return add(&daemon->after, value), true;
  if (strcmp(key, "dir") == 0) return set(&daemon->directory, value);
  if (strcmp(key, "log") == 0) return set(&daemon->log, value);
  if (strcmp(key, "ready-log") == 0) return set(&daemon->ready_log, value);
  if (strcmp(key, "ready-path") == 0) return set(&daemon->ready_path, value);
  return false;
}

static bool read_line(struct plan *into, struct daemon **current, const char *key, const char *value) {
  long long number;
  if (strcmp(key, "owner") == 0) return read_owner(value, &into->owner, &into->owner_start);
  if (strcmp(key, "remove") == 0) return add(&into->removals, value), true;
  if (strcmp(key, "grace") == 0) {
    if (!whole_number(value, 0, &number)) return false;
    into->grace = number;
    return true;
  }
  if (strcmp(key, "daemon") != 0) return *current != NULL && read_daemon_line(*current, key, value);
  if (*value == '\0' || strpbrk(value, " \t\r\n/") != NULL || find(into->daemons, value) != NULL) return false;
  struct daemon **last = &into->daemons;
  while (*last != NULL) last = &(*last)->next;
  *current = *last = checked(calloc(1, sizeof(struct daemon)));
  (*current)->name = copy(value);
  (*current)->slot = -1;
  (*current)->since = millis(CLOCK_REALTIME);
  return true;
}

/* Reads the plan; on a mistake says what is wrong in "problem" and returns false. */
static bool read_plan(struct plan *into, char *problem, size_t size) {
  FILE *file = fopen("supervisor.plan", "re");
  if (file == NULL) {
    snprintf(problem, size, "supervisor.plan: %s", strerror(errno));
    return false;
  }
  *into = (struct plan){.grace = 5000};
  struct daemon *current = NULL;
  char *line = NULL;
  size_t room = 0, number = 0;
  bool good = true;
  for (ssize_t length; good && (length = getline(&line, &room, file)) >= 0;) {
    number++;
    if (length > 0 && line[length - 1] == '\n') line[--length] = '\0';
    if (length == 0) continue;
    char *value = line + strcspn(line, " ");
    if (*value != '\0') *value++ = '\0';
    unescape(value);
    good = read_line(into, &current, line, value);
  }
  if (!good) snprintf(problem, size, "supervisor.plan: line %zu is wrong", number);
  free(line);
  fclose(file);
  char marker[sizeof MARKER + sizeof directory];
  snprintf(marker, sizeof marker, "%s%s", MARKER, directory);
  for (struct daemon *daemon = into->daemons; good && daemon != NULL; daemon = daemon->next) {
    add(&daemon->environment, marker);
    if (daemon->log == NULL && asprintf(&daemon->log, "%s.log", daemon->name) < 0) give_up(BROKEN, "memory");
    if (daemon->arguments.size == 0) {
      snprintf(problem, size, "supervisor.plan: daemon %s has no command line", daemon->name);
      good = false;
    }
    for (size_t i = 0; good && i < daemon->after.size; i++) {
      good = find(into->daemons, daemon->after.items[i]) != NULL;
      if (!good) snprintf(problem, size, "supervisor.plan: %s waits for %s, which is not there", daemon->name,
                     daemon->after.items[i]);
    }
  }
  return good;
}

/* ---- state ---- */

static void change(struct daemon *daemon, enum state state, int detail) {
  daemon->state = state;
  daemon->detail = detail;
  daemon->since = millis(CLOCK_REALTIME);
  dirty = true;
}

static bool is_up(const struct daemon *daemon) { return daemon->state == STARTING || daemon->state == READY; }

static const char *phase(void) {
  if (stopping) return stopped ? "stopped" : "stopping";
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next)
    if (daemon->state == WAITING || daemon->state == STARTING) return "starting";
  return "running";
}

static void write_state(void) {
  int fd = open("supervisor.state.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (file == NULL) {
    say("supervisor.state.new: %s", strerror(errno));
    return;
  }
  struct process self = {0};
  look_up(getpid(), &self);
  fprintf(file, "supervisor %d %llu %s\n", (int)getpid(), self.start, phase());
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next) {
    fprintf(file, "daemon %s %s %d %llu %lld", daemon->name, STATE_NAMES[daemon->state], (int)daemon->pid,
        daemon->start, daemon->since);
    if (daemon->state == FAILED) fprintf(file, " %s", strerror(daemon->detail));
    else if (daemon->state == EXITED || daemon->state == KILLED) fprintf(file, " %d", daemon->detail);
    fputc('\n', file);
  }
  for (size_t i = answered > ANSWERS ? answered - ANSWERS : 0; i < answered; i++)
    fprintf(file, "answer %s\n", answers[i % ANSWERS]);
  bool written = fflush(file) == 0;
  if (fclose(file) != 0 || !written || rename("supervisor.state.new", "supervisor.state") != 0)
    say("supervisor.state: %s", strerror(errno));
}

static void answer(const char *id, const char *error) {
  char **place = &answers[answered++ % ANSWERS];
  free(*place);
  if ((error == NULL ? asprintf(place, "%s ok", id) : asprintf(place, "%s error %s", id, error)) < 0)
    give_up(BROKEN, "memory");
  dirty = true;
}

/* ---- daemons ---- */

static void watch(int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) say("epoll: %s", strerror(errno));
}

/* Has inotify wake the loop when the daemon may have become ready; where it cannot, the loop looks often. */
static void watch_readiness(struct daemon *daemon) {
  if (inotify_fd < 0) {
    inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (inotify_fd < 0) return;
    watch(inotify_fd, EPOLLIN);
  }
  if (daemon->ready_log != NULL) inotify_add_watch(inotify_fd, daemon->log, IN_MODIFY);
  if (daemon->ready_path != NULL) {
    char *slash = strrchr(daemon->ready_path, '/');
    char *parent = slash == NULL ? copy(".") : checked(strndup(daemon->ready_path, slash - daemon->ready_path + 1));
    inotify_add_watch(inotify_fd, parent, IN_CREATE | IN_MOVED_TO);
    free(parent);
  }
}

static void reset_signals(void) {
  sigset_t none;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Slurm 22.05 closes every possible descriptor at each fork, and some systems allow a billion. */
static void limit_descriptors(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_max > DESCRIPTORS) limit.rlim_max = DESCRIPTORS;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* In the new process: becomes the daemon; returns only when that is not possible. */
static void run(const struct daemon *daemon, pid_t keeper, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(BROKEN);
  setsid();
  reset_signals();
  limit_descriptors();
  umask(users_umask);
  dup2(log, 1);
  dup2(log, 2);
  if (daemon->directory != NULL && chdir(daemon->directory) != 0) return;
  execve(daemon->arguments.items[0], daemon->arguments.items, daemon->environment.items);
}

static _Noreturn void become_keeper(struct daemon *daemon, struct slot *slot) {
  pid_t self = getpid();
  for (int fd = LOCK_FD + 1; fd < 32; fd++) close(fd);
  adopt_orphans(supervisor, SIGUSR1);
  prctl(PR_SET_NAME, "slurm-keeper");
  int log = open(daemon->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  pid_t child = log < 0 ? -1 : fork();
  if (child == 0) {
    run(daemon, self, log);
    slot->error = errno;
    _exit(BROKEN);
  }
  if (child < 0) {
    slot->error = errno;
    _exit(BROKEN);
  }
  close(log);
  slot->pid = child;
  kill(supervisor, SIGUSR2);
  keep(child);
}

static int free_slot(void) {
  for (int i = 0; i < SLOTS; i++)
    if (!slot_taken[i]) return i;
  errno = ENOSPC;
  return -1;
}

static void start(struct daemon *daemon) {
  daemon->pid = 0;
  daemon->start = 0;
  daemon->told_to_end = daemon->killed = false;
  if (daemon->ready_path != NULL) unlink(daemon->ready_path);
  if (daemon->ready_log != NULL) {
    int log = open(daemon->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    struct stat status;
    daemon->scanned = log >= 0 && fstat(log, &status) == 0 ? status.st_size : 0;
    if (log >= 0) close(log);
  }
  watch_readiness(daemon);
  daemon->slot = free_slot();
  if (daemon->slot >= 0) slots[daemon->slot] = (struct slot){0};
  daemon->keeper = daemon->slot < 0 ? -1 : fork();
  if (daemon->keeper == 0) become_keeper(daemon, &slots[daemon->slot]);
  if (daemon->keeper < 0) {
    daemon->keeper = 0;
    daemon->slot = -1;
    change(daemon, FAILED, errno);
    return;
  }
  slot_taken[daemon->slot] = true;
  change(daemon, STARTING, 0);
}

/* Whether the log has got the text since it was last looked at. */
static bool log_says(struct daemon *daemon) {
  char buffer[65536];
  size_t length = strlen(daemon->ready_log);
  bool found = false;
  int log = open(daemon->log, O_RDONLY | O_CLOEXEC);
  for (ssize_t got; log >= 0 && !found && (got = pread(log, buffer, sizeof buffer, daemon->scanned)) >= (ssize_t)length;) {
    found = memmem(buffer, got, daemon->ready_log, length) != NULL;
    daemon->scanned += got - length + 1;
  }
  if (log >= 0) close(log);
  return found;
}

static bool is_ready(struct daemon *daemon) {
  struct stat status;
  if (daemon->pid == 0) return false;
  return (daemon->ready_log == NULL || log_says(daemon))
      && (daemon->ready_path == NULL || lstat(daemon->ready_path, &status) == 0);
}

static bool may_start(const struct daemon *daemon) {
  for (size_t i = 0; i < daemon->after.size; i++) {
    struct daemon *other = find(plan.daemons, daemon->after.items[i]);
    if (other == NULL || other->state != READY) return false;
  }
  return true;
}

/* Whether nobody who waited for this daemon's start is up any more. */
static bool may_end(const struct daemon *daemon) {
  for (struct daemon *other = plan.daemons; other != NULL; other = other->next)
    for (size_t i = 0; is_up(other) && i < other->after.size; i++)
      if (strcmp(other->after.items[i], daemon->name) == 0) return false;
  return true;
}

static void tell_to_end(struct daemon *daemon) {
  if (daemon->told_to_end) return;
  daemon->told_to_end = true;
  kill(daemon->keeper, SIGTERM);
}

static void kill_daemon(struct daemon *daemon) {
  if (daemon->killed) return;
  daemon->killed = true;
  kill(daemon->keeper, SIGUSR1);
}

static void stop_all(long long grace) {
  long long end = millis(CLOCK_MONOTONIC) + grace;
  if (!stopping || end < deadline) deadline = end;
  stopping = dirty = true;
}

/* Brings everything a step further that can go a step further. */
static void advance(void) {
  bool again = true, waits_for_readiness = false;
  bool overdue = (stopping || deadline != 0) && millis(CLOCK_MONOTONIC) >= deadline;
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next) {
    if (is_up(daemon) && daemon->pid == 0 && slots[daemon->slot].pid != 0) {
      struct process process = {0};
      daemon->pid = slots[daemon->slot].pid;
      if (look_up(daemon->pid, &process)) daemon->start = process.start;
      dirty = true;
    }
  }
  while (again) {
    again = false;
    for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next) {
      if (daemon->state == STARTING && is_ready(daemon)) {
        change(daemon, READY, 0);
        again = true;
      }
      if (daemon->state == WAITING && !stopping && !daemon->leaving && may_start(daemon)) {
        start(daemon);
        again = true;
      }
    }
  }
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next) {
    waits_for_readiness |= daemon->state == STARTING;
    if (!is_up(daemon) || !(stopping || daemon->leaving)) continue;
    if (overdue) kill_daemon(daemon);
    else if (may_end(daemon)) tell_to_end(daemon);
  }
  if (!waits_for_readiness && inotify_fd >= 0) {
    close(inotify_fd);
    inotify_fd = -1;
  }
}

static void children_ended(void) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    struct daemon *daemon = plan.daemons;
    while (daemon != NULL && daemon->keeper != pid) daemon = daemon->next;
    if (daemon == NULL) continue; /* an orphan of a keeper that was killed */
    const struct slot *slot = &slots[daemon->slot];
    if (slot->pid != 0) daemon->pid = slot->pid;
    if (slot->error != 0) change(daemon, FAILED, slot->error);
    else if (WIFSIGNALED(status)) change(daemon, KILLED, WTERMSIG(status));
    else change(daemon, EXITED, WEXITSTATUS(status));
    daemon->keeper = 0;
    slot_taken[daemon->slot] = false;
    daemon->slot = -1;
    if (!daemon->told_to_end && !daemon->killed) say("%s has ended: %s %d", daemon->name, STATE_NAMES[daemon->state], daemon->detail);
  }
  for (struct daemon **each = &plan.daemons; *each != NULL;) {
    struct daemon *daemon = *each;
    if (daemon->leaving && !is_up(daemon)) {
      *each = daemon->next;
      discard(daemon);
      dirty = true;
    } else {
      each = &daemon->next;
    }
  }
}

/* ---- owner ---- */

static bool owner_lives(void) {
  struct process process;
  return plan.owner == 0
      || (look_up(plan.owner, &process) && process.start == plan.owner_start && process.state != 'Z');
}

static void follow_owner(void) {
  if (owner_fd >= 0) close(owner_fd);
  owner_fd = plan.owner == 0 ? -1 : (int)syscall(SYS_pidfd_open, plan.owner, 0);
  if (owner_fd >= 0) {
    fcntl(owner_fd, F_SETFD, FD_CLOEXEC);
    watch(owner_fd, EPOLLIN);
  }
}

static void look_at_owner(void) {
  if (owner_gone || owner_lives()) return;
  say("the owner, process %d, is gone", (int)plan.owner);
  owner_gone = true;
  plan.owner = 0;
  follow_owner();
  stop_all(0);
}

/* ---- what is not below us ---- */

static bool is_below(const char *path) {
  size_t length = strlen(directory);
  return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/*
 * Whether a process is the cluster's: by the marker; as a job's, by Slurm's variables; and since
 * slurmstepd overwrites its environment with its title, by its name and working directory. A
 * shell that merely has SLURM_CONF set, or stands in the directory, is none of ours.
 */
static bool is_ours(pid_t pid) {
  static char environment[1 << 20];
  char path[64], text[PATH_MAX];
  struct stat status;
  snprintf(path, sizeof path, "/proc/%d", (int)pid);
  if (stat(path, &status) != 0 || status.st_uid != geteuid()) return false;
  snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
  ssize_t length = slurp(path, environment, sizeof environment);
  bool in_job = false, configured = false;
  for (char *each = environment; length > 0 && each < environment + length; each += strlen(each) + 1) {
    if (strncmp(each, MARKER, strlen(MARKER)) == 0 && strcmp(each + strlen(MARKER), directory) == 0) return true;
    in_job |= strncmp(each, "SLURM_JOB_ID=", 13) == 0;
    configured |= strncmp(each, "SLURM_CONF=", 11) == 0 && is_below(each + 11);
  }
  if (in_job && configured) return true;
  snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
  if (slurp(path, text, sizeof text) <= 0 || strncmp(text, "slurm", 5) != 0) return false;
  snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
  length = readlink(path, text, sizeof text - 1);
  if (length < 0) return false;
  text[length] = '\0';
  return is_below(text);
}

/*
 * Kills the cluster's processes that are not below us: what an earlier supervisor has left, and
 * commands that somebody else started in it. Returns how many there were.
 */
static size_t kill_strangers(void) {
  size_t total = 0;
  for (int fruitless = 0; fruitless < 20;) {
    struct process *processes;
    size_t count = all_processes(&processes), found = 0;
    for (size_t i = 0; i < count; i++) processes[i].chosen = processes[i].state != 'Z' && is_ours(processes[i].pid);
    choose_descendants(processes, count);
    /* Whoever called us may have been started with the marker: by a job, or through SSH. */
    for (pid_t self = getpid(); self > 0;) {
      pid_t parent = 0;
      for (size_t i = 0; i < count; i++) {
        if (processes[i].pid != self) continue;
        processes[i].chosen = false;
        parent = processes[i].parent;
      }
      self = parent;
    }
    for (size_t i = 0; i < count; i++) found += processes[i].chosen && processes[i].state != 'Z';
    size_t killed = kill_chosen(processes, count);
    free(processes);
    if (found == 0) break;
    fruitless = killed > 0 ? 0 : fruitless + 1;
    if (total == 0) total = found;
    usleep(POLL_MILLIS * 1000);
  }
  return total;
}

/* ---- commands ---- */

/* Takes a new plan over: what is up stays up and gets its new lines at its next start. */
static void take_over(struct plan *fresh) {
  for (struct daemon *old = plan.daemons, *next; old != NULL; old = next) {
    next = old->next;
    struct daemon *now = find(fresh->daemons, old->name);
    if (now != NULL && !old->leaving) {
      now->state = old->state, now->detail = old->detail, now->slot = old->slot, now->keeper = old->keeper;
      now->pid = old->pid, now->start = old->start, now->since = old->since, now->scanned = old->scanned;
      now->told_to_end = old->told_to_end, now->killed = old->killed;
      discard(old);
    } else if (is_up(old)) {
      struct daemon **last = &fresh->daemons;
      while (*last != NULL) last = &(*last)->next;
      old->next = NULL;
      old->leaving = true;
      clear(&old->after);
      deadline = millis(CLOCK_MONOTONIC) + fresh->grace;
      *last = old;
    } else {
      discard(old);
    }
  }
  clear(&plan.removals);
  plan = *fresh;
  follow_owner();
  dirty = true;
}

static const char *command(char *verb, char *argument, char *problem, size_t size) {
  struct daemon *daemon = find(plan.daemons, argument);
  if (strcmp(verb, "stop") == 0 && *argument == '\0') return stop_all(plan.grace), NULL;
  if (strcmp(verb, "owner") == 0) {
    pid_t pid;
    unsigned long long start_time;
    if (!read_owner(argument, &pid, &start_time)) return "owner takes a process id and a start time";
    plan.owner = pid;
    plan.owner_start = start_time;
    return follow_owner(), NULL;
  }
  if (strcmp(verb, "reload") == 0) {
    struct plan fresh = {0};
    if (!read_plan(&fresh, problem, size)) {
      discard_all(fresh.daemons);
      clear(&fresh.removals);
      return problem;
    }
    return take_over(&fresh), NULL;
  }
  bool to_end = strcmp(verb, "stop") == 0 || strcmp(verb, "kill") == 0;
  if (!to_end && strcmp(verb, "start") != 0) return "no such command";
  if (daemon == NULL) return "no such daemon";
  if (to_end && !is_up(daemon)) return daemon->state == WAITING ? "it has not been started" : NULL;
  if (to_end) return (*verb == 's' ? tell_to_end : kill_daemon)(daemon), NULL;
  if (stopping) return "everything is being stopped";
  if (!is_up(daemon)) change(daemon, WAITING, 0);
  return NULL;
}

static void read_commands(void) {
  static char buffer[4096];
  static size_t used;
  for (ssize_t got; (got = read(control_fd, buffer + used, sizeof buffer - 1 - used)) > 0;) {
    used += got;
    buffer[used] = '\0';
    char *line = buffer;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
      char problem[512], *rest, *id, *verb;
      *end = '\0';
      id = strtok_r(line, " ", &rest);
      verb = id == NULL ? NULL : strtok_r(NULL, " ", &rest);
      if (verb != NULL) answer(id, command(verb, rest, problem, sizeof problem));
    }
    used -= line - buffer;
    memmove(buffer, line, used);
    if (used == sizeof buffer - 1) used = 0; /* no command is as long */
  }
}

/* ---- the supervisor ---- */

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where) {
  (void)status, (void)kind, (void)where;
  remove(path);
  return 0;
}

static void remove_below(const char *path) { nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

/* Removes what is at a path; the name in between is ClusterDirectory's, which removes what we leave there. */
static void remove_all(const char *path) {
  struct stat status;
  if (lstat(path, &status) != 0) return;
  if (!S_ISDIR(status.st_mode)) {
    unlink(path);
    return;
  }
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  char *removed;
  if (asprintf(&removed, "%.*s.%s.removed", (int)(name - path), path, name) < 0) give_up(BROKEN, "memory");
  remove_below(removed);
  if (rename(path, removed) == 0) remove_below(removed);
  else say("%s cannot be renamed to %s: %s", path, removed, strerror(errno));
  free(removed);
}

static int wait_millis(void) {
  int wait = -1;
  if (plan.owner != 0 && owner_fd < 0) wait = OWNER_POLL_MILLIS;
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next)
    if (daemon->state == STARTING) wait = POLL_MILLIS;
  if (deadline != 0) {
    long long left = deadline - millis(CLOCK_MONOTONIC);
    if (left > 0 && (wait < 0 || left < wait)) wait = left + 1;
  }
  return wait;
}

static bool anything_up(void) {
  for (struct daemon *daemon = plan.daemons; daemon != NULL; daemon = daemon->next)
    if (is_up(daemon)) return true;
  return false;
}

static void take_signals(void) {
  struct signalfd_siginfo info;
  while (read(signal_fd, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGUSR1) stop_all(0); /* the guard is gone */
    else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT || info.ssi_signo == SIGHUP) stop_all(plan.grace);
  }
}

static _Noreturn void supervise(const sigset_t *all) {
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  signal_fd = signalfd(-1, all, SFD_NONBLOCK | SFD_CLOEXEC);
  if (epoll_fd < 0 || signal_fd < 0) give_up(BROKEN, "epoll");
  watch(signal_fd, EPOLLIN);
  watch(control_fd, EPOLLIN);
  follow_owner();
  do {
    char events[4096];
    look_at_owner();
    advance();
    if (stopping && !anything_up()) break;
    struct epoll_event event;
    if (dirty && epoll_wait(epoll_fd, &event, 1, 0) == 0) { /* many changes at once, one new state */
      write_state();
      dirty = false;
    }
    epoll_wait(epoll_fd, &event, 1, dirty ? 0 : wait_millis());
    if (inotify_fd >= 0) while (read(inotify_fd, events, sizeof events) > 0);
    take_signals();
    read_commands();
    children_ended();
  } while (true);
  sweep();
  if (owner_gone) kill_strangers(); /* what the owner ran in the cluster lives on without it */
  for (size_t i = 0; owner_gone && i < plan.removals.size; i++) remove_all(plan.removals.items[i]);
  unlink("supervisor.control");
  stopped = true;
  if (!owner_gone || access("supervisor.state", F_OK) == 0) write_state();
  exit(0);
}

/* Takes the lock; others may hold it for a moment to see whether somebody has it. */
static void lock_directory(void) {
  int fd = open("supervisor.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) give_up(BROKEN, "supervisor.lock");
  if (fd != LOCK_FD) {
    if (dup3(fd, LOCK_FD, O_CLOEXEC) < 0) give_up(BROKEN, "supervisor.lock");
    close(fd);
  }
  for (int attempt = 0;; attempt++) {
    struct flock whole = {.l_type = F_WRLCK};
    if (fcntl(LOCK_FD, F_OFD_SETLK, &whole) == 0) return;
    if (errno != EAGAIN && errno != EACCES) give_up(BROKEN, "supervisor.lock");
    if (attempt == 10) {
      say("another one runs in %s", directory);
      exit(ALREADY_RUNNING);
    }
    usleep(POLL_MILLIS * 1000);
  }
}

/* Leaves the three standard streams open, and nothing else: pipes of the caller would outlive it here. */
static void tidy_descriptors(void) {
  int last;
  while ((last = open("/dev/null", O_RDWR)) >= 0 && last <= 2);
  if (syscall(SYS_close_range, 3, ~0U, 0) == 0) return;
  for (int fd = sysconf(_SC_OPEN_MAX); fd > 2; fd--) close(fd);
}

static void start_supervisor(void) {
  char problem[512];
  if (!read_plan(&plan, problem, sizeof problem)) {
    say("%s", problem);
    exit(MISTAKE);
  }
  slots = mmap(NULL, SLOTS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (slots == MAP_FAILED) give_up(BROKEN, "memory");
  unlink("supervisor.control");
  if (mkfifo("supervisor.control", 0600) != 0) give_up(BROKEN, "supervisor.control");
  control_fd = open("supervisor.control", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int log = open("supervisor.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (control_fd < 0 || log < 0) give_up(BROKEN, control_fd < 0 ? "supervisor.control" : "supervisor.log");
  setsid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct process guard = {0};
  look_up(getpid(), &guard);
  if (ftruncate(LOCK_FD, 0) != 0 || dprintf(LOCK_FD, "%d %llu\n", (int)guard.pid, guard.start) < 0)
    give_up(BROKEN, "supervisor.lock");
  write_state();
  pid_t child = fork();
  if (child < 0) give_up(BROKEN, "fork");
  if (child == 0) {
    dup2(log, 1);
    dup2(log, 2);
    supervisor = getpid();
    adopt_orphans(guard.pid, SIGUSR1);
    supervise(&all);
  }
  dprintf(1, "started\n");
  dup2(log, 1);
  dup2(log, 2);
  close(control_fd);
  prctl(PR_SET_NAME, "slurm-guard");
  keep(child);
}

int main(int count, char **arguments) {
  bool reap = count == 3 && strcmp(arguments[1], "--reap") == 0;
  if (!reap && (count != 2 || arguments[1][0] == '-')) {
    fprintf(stderr, "usage: slurm-supervisor [--reap] DIRECTORY\n");
    return MISTAKE;
  }
  const char *where = arguments[count - 1];
  tidy_descriptors();
  if (realpath(where, directory) == NULL || chdir(directory) != 0) give_up(MISTAKE, where);
  users_umask = umask(0077);
  lock_directory();
  if (reap) printf("%zu\n", kill_strangers());
  else start_supervisor();
  return 0;
}
