"""Processes that this run started: their ports, their CPU time, their memory, their end."""

import os
import socket
import subprocess
import time

START_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server and the processes it starts, from its first accepted connection to its end."""

    def __init__(self, name, command, port, directory, environment=None):
        self.name, self.port = name, port
        self.log_path = os.path.join(directory, name + ".log")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(environment or {})})
        self._wait_until_it_accepts()

    def _wait_until_it_accepts(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        with open(self.log_path, errors="replace") as log:
            raise RuntimeError(f"{self.name} did not start:\n{log.read()[-2000:]}")

    def cpu_nanoseconds(self):
        """User and system time so far of the server and its descendants."""
        return sum(_cpu_nanoseconds(pid) for pid in _tree(self.process.pid))

    def resident_bytes(self):
        return sum(_resident_bytes(pid) for pid in _tree(self.process.pid))

    def stop(self):
        for end in (self.process.terminate, self.process.kill):
            end()
            try:
                self.process.wait(timeout=10)
                return
            except subprocess.TimeoutExpired:
                pass


def _cpu_nanoseconds(pid):
    # The CPU clock of a process as clock_getcpuclockid(3) makes it: the time that utime and stime of /proc/PID/stat
    # count in ticks of 10 ms, in nanoseconds, with the threads that have ended.
    try:
        return time.clock_gettime_ns(~pid << 3 | 2)
    except OSError:
        return 0


def _resident_bytes(pid):
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def _tree(root):
    """The process and all its descendants."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(pid))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found
