/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for the SPANK plugin Pyxis, for tests: its options and settings, and a job that runs
 * inside its image, in a user and a mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <slurm/slurm.h>
#include <slurm/spank.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

SPANK_PLUGIN(pyxis, 1);

#define MOST_MOUNTS 32
#define ENROOT "/usr/bin/enroot"

static struct {
  char runtime_path[PATH_MAX];
  char importer[PATH_MAX];
} settings = {"/run/pyxis", ""};

static struct {
  char *image, *mounts, *name, *workdir;
  int writable, remap_root;
} asked = {.writable = 0, .remap_root = 1};

static int take(int which, const char *text, int remote) {
  (void)remote;
  char **target[] = {&asked.image, &asked.mounts, &asked.name, &asked.workdir};
  if (which < 4) {
    free(*target[which]);
    *target[which] = strdup(text);
  } else if (which < 6) {
    asked.writable = which == 4;
  } else {
    asked.remap_root = which == 6;
  }
  return 0;
}

static struct spank_option options[] = {
    {"container-image", "[USER@][REGISTRY#]IMAGE[:TAG]|PATH", "[pyxis] image", 1, 0, take},
    {"container-mounts", "SRC:DST[:FLAGS][,SRC:DST...]", "[pyxis] mounts", 1, 1, take},
    {"container-name", "NAME", "[pyxis] name to keep the container under", 1, 2, take},
    {"container-workdir", "PATH", "[pyxis] working directory", 1, 3, take},
    {"container-writable", NULL, "[pyxis] root that can be written to", 0, 4, take},
    {"container-readonly", NULL, "[pyxis] root that cannot be written to", 0, 5, take},
    {"container-remap-root", NULL, "[pyxis] be root inside", 0, 6, take},
    {"no-container-remap-root", NULL, "[pyxis] be oneself inside", 0, 7, take},
    SPANK_OPTIONS_TABLE_END};

static bool enabled(void) { return asked.image != NULL || asked.name != NULL; }

static int fail(const char *format, ...) {
  char text[PATH_MAX + 256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  slurm_error("pyxis: %s", text);
  return -1;
}

static int read_settings(int count, char **values) {
  for (int i = 0; i < count; i++) {
    if (sscanf(values[i], "runtime_path=%4095s", settings.runtime_path) == 1 ||
        sscanf(values[i], "importer=%4095s", settings.importer) == 1 ||
        strncmp(values[i], "execute_entrypoint=", 19) == 0) {
      continue;
    }
    return fail("unknown configuration option: %s", values[i]);
  }
  return 0;
}

int slurm_spank_init(spank_t sp, int count, char **values) {
  if (read_settings(count, values) < 0) {
    return -1;
  }
  if (spank_context() == S_CTX_SLURMD) {
    return mkdir(settings.runtime_path, 0755) == 0 || errno == EEXIST
               ? 0
               : fail("%s: %s", settings.runtime_path, strerror(errno));
  }
  if (spank_context() != S_CTX_LOCAL && spank_context() != S_CTX_REMOTE &&
      spank_context() != S_CTX_ALLOCATOR) {
    return 0;
  }
  for (struct spank_option *option = options; option->name != NULL; option++) {
    if (spank_option_register(sp, option) != ESPANK_SUCCESS) {
      return fail("option %s cannot be registered", option->name);
    }
  }
  return 0;
}

int slurm_spank_init_post_opt(spank_t sp, int count, char **values) {
  (void)count, (void)values;
  uid_t uid;
  gid_t gid;
  char path[PATH_MAX + 32];
  if (!enabled() || spank_context() != S_CTX_REMOTE) {
    return 0;
  }
  spank_get_item(sp, S_JOB_UID, &uid);
  spank_get_item(sp, S_JOB_GID, &gid);
  snprintf(path, sizeof path, "%s/%u", settings.runtime_path, uid);
  if (mkdir(path, 0700) < 0) {
    return errno == EEXIST ? 0 : fail("%s: %s", path, strerror(errno));
  }
  return chown(path, uid, gid) < 0 ? fail("%s: %s", path, strerror(errno)) : 0;
}

/* Runs a program, and gives the first line of its output; its errors are told when it fails. */
static int run(char *const command[], char *line, size_t size) {
  int output[2], errors[2], status;
  if (pipe(output) < 0 || pipe(errors) < 0) {
    return fail("pipe: %s", strerror(errno));
  }
  pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_RDONLY), 0);
    dup2(output[1], 1);
    dup2(errors[1], 2);
    close(output[0]), close(output[1]), close(errors[0]), close(errors[1]);
    execvp(command[0], command);
    dprintf(2, "%s: %s\n", command[0], strerror(errno));
    _exit(127);
  }
  close(output[1]), close(errors[1]);
  /* Little comes on the output, and only at the end. */
  char said[65536];
  size_t length = 0;
  ssize_t got;
  while (length < sizeof said - 1 &&
         (got = read(errors[0], said + length, sizeof said - 1 - length)) > 0) {
    length += (size_t)got;
  }
  said[length] = '\0';
  if (line != NULL) {
    got = read(output[0], line, size - 1);
    line[got > 0 ? got : 0] = '\0';
    line[strcspn(line, "\n")] = '\0';
  }
  close(output[0]), close(errors[0]);
  waitpid(child, &status, 0);
  if (status == 0) {
    return 0;
  }
  slurm_error("pyxis: %s %s failed:", command[0], command[1]);
  for (char *rest = said, *each; (each = strsep(&rest, "\n")) != NULL;) {
    if (*each != '\0') {
      slurm_error("pyxis:     %s", each);
    }
  }
  return -1;
}

static void container_name(spank_t sp, uint32_t task, char *name, size_t size) {
  uint32_t job = 0, step = 0;
  spank_get_item(sp, S_JOB_ID, &job);
  spank_get_item(sp, S_JOB_STEPID, &step);
  if (asked.name != NULL) {
    snprintf(name, size, "pyxis_%s", asked.name);
  } else {
    snprintf(name, size, "pyxis_%u.%u.%u", job, step, task);
  }
}

static int create(const char *name) {
  char file[PATH_MAX];
  bool imported = strspn(asked.image, "./") == 0;
  if (!imported) {
    snprintf(file, sizeof file, "%s", asked.image);
  } else {
    char uri[PATH_MAX];
    snprintf(uri, sizeof uri, "docker://%s", asked.image);
    if (run((char *[]){settings.importer, "get", uri, NULL}, file, sizeof file) < 0) {
      return fail("failed to import docker image");
    }
  }
  int created =
      run((char *[]){ENROOT, "create", "--name", (char *)name, file, NULL}, NULL, 0);
  if (imported) {
    run((char *[]){settings.importer, "release", NULL}, NULL, 0);
  }
  return created < 0 ? fail("failed to create container filesystem") : 0;
}

static int write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  bool written = file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text);
  if (file >= 0) {
    close(file);
  }
  return written ? 0 : fail("%s: %s", path, strerror(errno));
}

static int isolate(void) {
  char map[64];
  uid_t uid = getuid();
  gid_t gid = getgid();
  /* Whoever has changed its user may not write to its own files in /proc. */
  if (prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
    return fail("no namespaces: %s", strerror(errno));
  }
  snprintf(map, sizeof map, "%u %u 1", asked.remap_root ? 0 : uid, uid);
  if (write_file("/proc/self/uid_map", map) < 0 || write_file("/proc/self/setgroups", "deny") < 0) {
    return -1;
  }
  snprintf(map, sizeof map, "%u %u 1", asked.remap_root ? 0 : gid, gid);
  return write_file("/proc/self/gid_map", map);
}

static void make_target(const char *path, bool directory) {
  char part[PATH_MAX];
  for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
    mkdir(part, 0755);
  }
  if (directory) {
    mkdir(path, 0755);
  } else {
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file >= 0) {
      close(file);
    }
  }
}

static int bind_mount(const char *root, const char *source, const char *target, bool read_only) {
  char path[2 * PATH_MAX];
  struct stat state;
  snprintf(path, sizeof path, "%s%s", root, target);
  if (stat(source, &state) < 0) {
    return fail("mount %s: %s", source, strerror(errno));
  }
  make_target(path, S_ISDIR(state.st_mode));
  if (mount(source, path, NULL, MS_BIND | MS_REC, NULL) < 0) {
    return fail("mount %s at %s: %s", source, target, strerror(errno));
  }
  unsigned long again = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_RELATIME;
  if (read_only && mount(NULL, path, NULL, again, NULL) < 0) {
    return fail("mount %s at %s read-only: %s", source, target, strerror(errno));
  }
  return 0;
}

static int mount_all(const char *root) {
  const char *system[] = {"/proc", "/sys", "/dev", "/etc/hosts", "/etc/resolv.conf"};
  for (size_t i = 0; i < sizeof system / sizeof *system; i++) {
    if (bind_mount(root, system[i], system[i], false) < 0) {
      return -1;
    }
  }
  for (char *rest = asked.mounts, *each; (each = strsep(&rest, ",")) != NULL;) {
    char *source = strsep(&each, ":"), *target = strsep(&each, ":");
    if (source == NULL || target == NULL) {
      return fail("--container-mounts: invalid format");
    }
    if (bind_mount(root, source, target, each != NULL && strstr(each, "ro") != NULL) < 0) {
      return -1;
    }
  }
  return 0;
}

static int enter(const char *root) {
  char again[] = "/";
  if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
      chdir(again) < 0) {
    return fail("cannot switch root: %s", strerror(errno));
  }
  if (asked.workdir != NULL && chdir(asked.workdir) < 0) {
    return fail("couldn't chdir to %s: %s", asked.workdir, strerror(errno));
  }
  return 0;
}

static void import_environment(spank_t sp) {
  char *line = NULL;
  size_t size = 0;
  FILE *file = fopen("/etc/environment", "r");
  while (file != NULL && getline(&line, &size, file) > 0) {
    line[strcspn(line, "\n")] = '\0';
    char *value = strchr(line, '=');
    if (value != NULL) {
      *value++ = '\0';
      spank_setenv(sp, line, value, 1);
    }
  }
  free(line);
  if (file != NULL) {
    fclose(file);
  }
  spank_setenv(sp, "PYXIS_STAND_IN", "yes", 1);
}

int slurm_spank_task_init(spank_t sp, int count, char **values) {
  (void)count, (void)values;
  char name[256], root[PATH_MAX], script[PATH_MAX] = "";
  uint32_t step = 0, arguments = 0;
  int task = 0;
  char **argv = NULL, **variables = NULL;
  if (!enabled()) {
    return 0;
  }
  spank_get_item(sp, S_TASK_ID, &task);
  spank_get_item(sp, S_JOB_STEPID, &step);
  /* What enroot and an importer are promised to find in their environment. */
  spank_get_item(sp, S_JOB_ENV, &variables);
  for (; variables != NULL && *variables != NULL; variables++) {
    if (strncmp(*variables, "SLURM_", 6) == 0 || strncmp(*variables, "HOME=", 5) == 0) {
      putenv(strdup(*variables));
    }
  }
  setenv("PYXIS_RUNTIME_PATH", settings.runtime_path, 1);
  container_name(sp, (uint32_t)task, name, sizeof name);
  if (run((char *[]){ENROOT, "path", name, NULL}, root, sizeof root) < 0) {
    return -1;
  }
  if (access(root, F_OK) < 0) {
    if (asked.image == NULL) {
      return fail("a container with name \"%s\" does not exist, and --container-image is not set",
                  asked.name);
    }
    if (create(name) < 0) {
      return -1;
    }
  }
  /* A batch script is not in the image, so it is mounted there. */
  if (step == SLURM_BATCH_SCRIPT &&
      spank_get_item(sp, S_JOB_ARGV, &arguments, &argv) == ESPANK_SUCCESS && arguments > 0) {
    snprintf(script, sizeof script, "%s", argv[0]);
  }
  if (isolate() < 0) {
    return -1;
  }
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0 ||
      mount(root, root, NULL, MS_BIND, NULL) < 0) {
    return fail("%s: %s", root, strerror(errno));
  }
  if (mount_all(root) < 0 || (*script != '\0' && bind_mount(root, script, script, false) < 0)) {
    return -1;
  }
  unsigned long read_only = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_RELATIME;
  if (!asked.writable && mount(NULL, root, NULL, read_only, NULL) < 0) {
    return fail("%s cannot be made read-only: %s", root, strerror(errno));
  }
  if (enter(root) < 0) {
    return -1;
  }
  import_environment(sp);
  return 0;
}

int slurm_spank_exit(spank_t sp, int count, char **values) {
  (void)count, (void)values;
  uint32_t tasks = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  if (!enabled() || asked.name != NULL || spank_context() != S_CTX_REMOTE) {
    return 0;
  }
  spank_get_item(sp, S_JOB_UID, &uid);
  spank_get_item(sp, S_JOB_GID, &gid);
  spank_get_item(sp, S_JOB_TOTAL_TASK_COUNT, &tasks);
  pid_t child = fork();
  if (child == 0) {
    if (setregid(gid, gid) < 0 || setreuid(uid, uid) < 0) {
      _exit(1);
    }
    char pattern[256];
    uint32_t job = 0, step = 0;
    spank_get_item(sp, S_JOB_ID, &job);
    spank_get_item(sp, S_JOB_STEPID, &step);
    snprintf(pattern, sizeof pattern, "pyxis_%u.%u.*", job, step);
    execl(ENROOT, "enroot", "remove", "-f", pattern, (char *)NULL);
    _exit(127);
  }
  waitpid(child, NULL, 0);
  return 0;
}
