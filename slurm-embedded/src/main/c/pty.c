/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slurm-pty PARENT STATUS_FILE [--terminal ROWS COLUMNS MODES] -- COMMAND [ARGUMENT...]
 *
 * Runs a command for an SSH session, in a session of the operating system, and ends with its exit
 * status. When SIGTERM comes or the process PARENT dies, the command's process group gets SIGHUP.
 * When the command was killed by a signal, its number is written to STATUS_FILE and the exit status
 * is 128 and that number.
 *
 * Without a terminal the command has our standard streams. With one, its output goes to our
 * standard output, and our standard input is a sequence of frames: a letter, a length of four bytes
 * (big-endian) and as many bytes:
 *
 *   d  what is typed
 *   w  the terminal's new size: rows and columns, four bytes each
 *
 * and its end is the end of the connection. MODES are the terminal modes of RFC 4254, section 8, as
 * OPCODE=VALUE,OPCODE=VALUE (may be empty).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define BROKEN 255

/* Bytes on their way. */
struct buffer {
  unsigned char bytes[65536];
  size_t begin, end;
};

struct control_character {
  int opcode, index;
};

struct flag {
  int opcode;
  tcflag_t value;
};

static const struct control_character CONTROL_CHARACTERS[] = {
    {1, VINTR}, {2, VQUIT}, {3, VERASE}, {4, VKILL}, {5, VEOF}, {6, VEOL}, {7, VEOL2}, {8, VSTART},
    {9, VSTOP}, {10, VSUSP}, {12, VREPRINT}, {13, VWERASE}, {14, VLNEXT}, {18, VDISCARD}};
static const struct flag INPUT_FLAGS[] = {
    {30, IGNPAR}, {31, PARMRK}, {32, INPCK}, {33, ISTRIP}, {34, INLCR}, {35, IGNCR}, {36, ICRNL},
    {38, IXON}, {39, IXANY}, {40, IXOFF}, {41, IMAXBEL}, {42, IUTF8}};
static const struct flag LOCAL_FLAGS[] = {
    {50, ISIG}, {51, ICANON}, {53, ECHO}, {54, ECHOE}, {55, ECHOK}, {56, ECHONL}, {57, NOFLSH},
    {58, TOSTOP}, {59, IEXTEN}, {60, ECHOCTL}, {61, ECHOKE}};
static const struct flag OUTPUT_FLAGS[] = {{70, OPOST}, {72, ONLCR}, {73, OCRNL}, {74, ONOCR}, {75, ONLRET}};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "slurm-pty: %s: %s\n", what, strerror(errno));
  exit(BROKEN);
}

static void set_flag(const struct flag *flags, size_t count, int opcode, bool on, tcflag_t *field) {
  for (size_t i = 0; i < count; i++)
    if (flags[i].opcode == opcode) *field = on ? *field | flags[i].value : *field & ~flags[i].value;
}

static void set_modes(int terminal, char *modes) {
  struct termios settings;
  char *rest;
  if (tcgetattr(terminal, &settings) != 0) return;
  for (char *each = strtok_r(modes, ",", &rest); each != NULL; each = strtok_r(NULL, ",", &rest)) {
    int opcode;
    unsigned value;
    if (sscanf(each, "%d=%u", &opcode, &value) != 2) continue;
    for (size_t i = 0; i < COUNT(CONTROL_CHARACTERS); i++)
      if (CONTROL_CHARACTERS[i].opcode == opcode)
        settings.c_cc[CONTROL_CHARACTERS[i].index] = value == 255 ? _POSIX_VDISABLE : value;
    set_flag(INPUT_FLAGS, COUNT(INPUT_FLAGS), opcode, value != 0, &settings.c_iflag);
    set_flag(LOCAL_FLAGS, COUNT(LOCAL_FLAGS), opcode, value != 0, &settings.c_lflag);
    set_flag(OUTPUT_FLAGS, COUNT(OUTPUT_FLAGS), opcode, value != 0, &settings.c_oflag);
  }
  tcsetattr(terminal, TCSANOW, &settings);
}

static void set_size(int terminal, unsigned rows, unsigned columns) {
  ioctl(terminal, TIOCSWINSZ, &(struct winsize){.ws_row = rows, .ws_col = columns});
}

static _Noreturn void become(char **command) {
  sigset_t none;
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(*command, command);
  fprintf(stderr, "%s: %s\n", *command, strerror(errno));
  _exit(127);
}

static void hang_up(pid_t group) {
  kill(-group, SIGHUP);
  kill(-group, SIGCONT);
}

static _Noreturn void end_as(int status, const char *status_file) {
  if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
  int fd = open(status_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0) dprintf(fd, "%d\n", WTERMSIG(status));
  _exit(128 + WTERMSIG(status));
}

/* Takes a signal; returns whether the command has ended, and hangs up where it is to. */
static bool take_signal(int number, pid_t child, int *status) {
  if (number == SIGCHLD) return waitpid(child, status, WNOHANG) == child;
  if (number != SIGTERM && number != SIGHUP && number != SIGINT) return false;
  hang_up(child);
  _exit(128 + SIGHUP);
}

static _Noreturn void run_without_terminal(char **command, const sigset_t *all, const char *status_file) {
  int status = 0;
  pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    setpgid(0, 0);
    become(command);
  }
  setpgid(child, child);
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) dup2(nothing, fd); /* the streams end when the command's do */
  while (!take_signal(sigwaitinfo(all, NULL), child, &status));
  end_as(status, status_file);
}

static bool fill(struct buffer *buffer, int fd) {
  if (buffer->begin == buffer->end) buffer->begin = buffer->end = 0;
  ssize_t got = read(fd, buffer->bytes + buffer->end, sizeof buffer->bytes - buffer->end);
  if (got > 0) buffer->end += got;
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool drain(struct buffer *buffer, int fd, size_t limit) {
  size_t length = buffer->end - buffer->begin;
  ssize_t put = write(fd, buffer->bytes + buffer->begin, length < limit ? length : limit);
  if (put > 0) buffer->begin += put;
  return put >= 0 || errno == EAGAIN || errno == EINTR;
}

static uint32_t number_at(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* Takes the heads of frames, and sizes, from the input; returns how much of what follows was typed. */
static size_t take_frames(struct buffer *input, uint32_t *typed, int terminal) {
  while (*typed == 0 && input->end - input->begin >= 5) {
    const unsigned char *frame = input->bytes + input->begin;
    uint32_t length = number_at(frame + 1);
    if (frame[0] == 'd') {
      *typed = length;
    } else {
      if (input->end - input->begin < 5 + 8) break;
      set_size(terminal, number_at(frame + 5), number_at(frame + 9));
      input->begin += length;
    }
    input->begin += 5;
  }
  if (input->begin > sizeof input->bytes / 2) {
    memmove(input->bytes, input->bytes + input->begin, input->end - input->begin);
    input->end -= input->begin;
    input->begin = 0;
  }
  return *typed;
}

static void flush_output(struct buffer *output) {
  fcntl(1, F_SETFL, fcntl(1, F_GETFL) & ~O_NONBLOCK);
  while (output->begin < output->end && drain(output, 1, SIZE_MAX));
}

static _Noreturn void relay(int terminal, pid_t child, const sigset_t *all, const char *status_file) {
  static struct buffer input, output;
  uint32_t typed = 0;
  int status = 0, signals = signalfd(-1, all, SFD_NONBLOCK | SFD_CLOEXEC);
  for (int fd = 0; fd <= 1; fd++) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  fcntl(terminal, F_SETFL, O_NONBLOCK);
  for (;;) {
    bool typing = take_frames(&input, &typed, terminal) > 0 && input.begin < input.end;
    bool printing = output.begin < output.end;
    struct pollfd ready[] = {{.fd = signals, .events = POLLIN},
        {.fd = input.end < sizeof input.bytes ? 0 : -1, .events = POLLIN},
        {.fd = printing ? 1 : -1, .events = POLLOUT},
        {.fd = terminal, .events = (printing ? 0 : POLLIN) | (typing ? POLLOUT : 0)}};
    if (poll(ready, COUNT(ready), -1) < 0) continue;
    struct signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info) {
      if (!take_signal(info.ssi_signo, child, &status)) continue;
      do flush_output(&output); /* the last words, as far as they have been said */
      while (fill(&output, terminal) && output.begin < output.end);
      end_as(status, status_file);
    }
    bool open = true;
    if (ready[1].revents != 0) open &= fill(&input, 0);
    if (ready[2].revents != 0) open &= drain(&output, 1, SIZE_MAX);
    if (ready[3].revents & POLLOUT) {
      size_t before = input.begin;
      drain(&input, terminal, typed);
      typed -= input.begin - before;
    }
    /* An error here means that nobody has the terminal open any more: the command is about to end. */
    if (ready[3].revents & POLLIN) fill(&output, terminal);
    else if (ready[3].revents & (POLLHUP | POLLERR)) poll(ready, 1, 10);
    if (open) continue;
    hang_up(child);
    _exit(128 + SIGHUP);
  }
}

static _Noreturn void run_on_terminal(
    char **command, unsigned rows, unsigned columns, char *modes, const sigset_t *all, const char *status_file) {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  char name[64];
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 || ptsname_r(terminal, name, sizeof name) != 0)
    give_up("no terminal to be had");
  int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) give_up(name);
  set_modes(slave, modes);
  set_size(slave, rows, columns);
  pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd <= 2; fd++) dup2(slave, fd);
    become(command);
  }
  close(slave);
  relay(terminal, child, all, status_file);
}

int main(int count, char **arguments) {
  bool terminal = count > 7 && strcmp(arguments[3], "--terminal") == 0;
  int separator = terminal ? 7 : 3;
  if (count < separator + 2 || strcmp(arguments[separator], "--") != 0) {
    fprintf(stderr, "usage: slurm-pty PARENT STATUS_FILE [--terminal ROWS COLUMNS MODES] -- COMMAND...\n");
    return BROKEN;
  }
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != atoi(arguments[1])) return BROKEN;
  setsid();
  char **command = arguments + separator + 1;
  if (terminal)
    run_on_terminal(command, atoi(arguments[4]), atoi(arguments[5]), arguments[6], &all, arguments[2]);
  run_without_terminal(command, &all, arguments[2]);
}
