"""Runs a program with its output thrown away: `measured.py <program> <argument> …`.

Prints one JSON object: the seconds it took by the clock and of processor time, and the most bytes that it had
resident. Linux alone tells the last; the kernel's own sum for a child begins with the size of who started it, so the
child's high-water mark is read while it runs.
"""
import json, os, subprocess, sys, time


def high_water(child):
    try:
        with open(f"/proc/{child.pid}/status") as status:
            lines = [line.split() for line in status if line.startswith("VmHWM:")]
    except OSError:
        return 0
    return int(lines[0][1]) * 1024 if lines else 0


begun = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
resident = 0
while True:
    # Before it is waited for, so that it is still there to be asked.
    resident = max(resident, high_water(child))
    pid, status, usage = os.wait4(child.pid, os.WNOHANG)
    if pid:
        break
    time.sleep(0.005)
seconds = time.monotonic() - begun
if status != 0:
    sys.exit(f"{sys.argv[1]} ended with {os.waitstatus_to_exitcode(status)}")
processor = usage.ru_utime + usage.ru_stime
print(json.dumps({"seconds": seconds, "processor_seconds": processor, "resident_bytes": resident}))
