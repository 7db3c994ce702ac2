"""Instructions per request and per stream event, in user space, counted by callgrind.

Unlike CPU time they do not depend on what else the machine does. Everything is counted on one connection, where one
request or stream follows the other.
"""

import collections
import glob
import os
import re
import shutil
import subprocess
import time

from . import subjects
from .accounting import Accounting
from .processes import Server
from .workloads import KIB

PROGRAMS = ("valgrind", "vgdb", "strip", "ldd")
REQUESTS, EMPTY_STREAMS, STREAMS, EVENTS = 200, 50, 10, 50
# A slow machine under callgrind takes some 3 ms for an event: so each is still read alone.
INTERVAL_MS = 10
# How many fill caches and pools before the counting begins.
WARM_REQUESTS, WARM_STREAMS = 30, 3
# What ends after the last answer (ledger, log) has ended when a server uses less than this share of a core.
IDLE_SHARE, IDLE_SECONDS, IDLE_PATIENCE = 0.05, 0.4, 10
# How long the timers of an idle server are counted.
TIMERS_SECONDS = 2

# Name: the load generator's mode, how many are counted, how many warm it up, and the rest of its arguments.
WORKLOADS = {
    "1 KiB": ("plain-count", REQUESTS, WARM_REQUESTS, KIB),
    "16 KiB": ("plain-count", REQUESTS, WARM_REQUESTS, 16 * KIB),
    "0 events": ("stream-count", EMPTY_STREAMS, WARM_STREAMS, 0, INTERVAL_MS),
    f"{EVENTS} events": ("stream-count", STREAMS, WARM_STREAMS, EVENTS, INTERVAL_MS),
}


def missing_program():
    """The first program that counting needs and this machine lacks, or None."""
    return next((program for program in PROGRAMS if not shutil.which(program)), None)


def counted_subjects(chosen, provider_port, directory):
    """nginx as one process, and Steelyard with everything on, both under callgrind."""
    directory = os.path.join(directory, "counted")
    os.makedirs(directory, exist_ok=True)
    program, environment = readable(os.path.abspath(chosen.steelyard), os.path.join(directory, "readable"))
    environment["LD_PRELOAD"] = os.path.abspath(chosen.sigsuspend)

    def launch_readable(name, command, port, directory):
        return CountedServer(name, command, port, directory, environment)

    return [
        subjects.nginx(chosen.nginx, provider_port, directory, CountedServer, "master_process off;"),
        subjects.steelyard(program, provider_port, directory, "counted", launch=launch_readable),
    ]


def measure(load, subject):
    """`{workload: reading}` of a subject that runs for this only."""
    subject.start()
    try:
        load.run("plain-count", subject.port, WARM_REQUESTS, KIB)
        idle = subject.server.idle_per_second()
        return {name: _measured(load, subject, idle, *how) for name, how in WORKLOADS.items()}
    finally:
        subject.stop()


def _measured(load, subject, idle, mode, count, warm_count, *rest):
    """Instructions per request or stream, of all threads and of each."""
    server = subject.server
    warmed = load.run(mode, server.port, warm_count, *rest)
    accounting = Accounting(server.port) if subject.has_ledger else None
    server.zero()
    result = load.run(mode, server.port, count, *rest)
    server.wait_until_idle()
    threads = {thread: total / count for thread, total in server.counts(idle).items()}
    errors = warmed["errors"] + result["errors"] + (result["requests"] != count)
    if accounting:
        errors += accounting.reading(count, 0)["errors"]
    return {"instructions": sum(threads.values()), "threads": threads, "errors": errors}


class CountedServer(Server):
    """A server under callgrind, which begins to count once the server has started."""

    def __init__(self, name, command, port, directory, environment=None):
        self._dumps = os.path.join(directory, f"callgrind-{name}")
        valgrind = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes",
                    f"--callgrind-out-file={self._dumps}"]
        super().__init__(name, [*valgrind, *command], port, directory, environment)
        self._tell("instrumentation", "on")

    def zero(self):
        self._tell("zero")
        self._began = time.monotonic()

    def counts(self, idle={}):
        """`{thread name: instructions}` since `zero`, without those that an `idle` server needs in that time.

        The slower the machine, the longer it takes, and the more often timers fire.
        """
        names, seconds = self._thread_names(), time.monotonic() - self._began
        self._tell("dump")
        counts = collections.Counter()
        for path in glob.glob(self._dumps + ".*-*"):
            thread, total = _thread_and_total(path)
            counts[names.get(thread, "ended")] += total
            os.remove(path)
        return {name: max(0, total - idle.get(name, 0) * seconds) for name, total in counts.items()}

    def idle_per_second(self):
        """The instructions per second, by thread, of a server that nobody asks for anything."""
        self.wait_until_idle()
        self.zero()
        time.sleep(TIMERS_SECONDS)
        return {name: total / TIMERS_SECONDS for name, total in self.counts().items()}

    def wait_until_idle(self):
        deadline, before = time.monotonic() + IDLE_PATIENCE, self.cpu_nanoseconds()
        while time.monotonic() < deadline:
            time.sleep(IDLE_SECONDS)
            used, before = self.cpu_nanoseconds() - before, self.cpu_nanoseconds()
            if used < IDLE_SHARE * IDLE_SECONDS * 1e9:
                return

    def _thread_names(self):
        """`{valgrind's number of a thread: its name}`."""
        listed = re.findall(r"Thread (\d+): .*\(lwpid (\d+)\)", self._tell("v.info", "scheduler"))
        return {number: _name(self.process.pid, task) for number, task in listed}

    def _tell(self, *command):
        """What callgrind answers to a command; see "Monitor commands" in its manual."""
        return subprocess.run(["vgdb", f"--pid={self.process.pid}", *command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout


def _name(pid, task):
    """The name of a thread; threads that differ by a number only share it."""
    if task == str(pid):
        return "main"
    try:
        with open(f"/proc/{pid}/task/{task}/comm") as file:
            return re.sub(r"[-#\d]+$", "", file.read().strip())
    except OSError:
        return "ended"


def _thread_and_total(path):
    """The number of the thread whose dump this is, and its instructions."""
    with open(path, errors="replace") as file:
        text = file.read()
    return re.search(r"^thread: (\d+)", text, re.M)[1], int(re.search(r"^totals: (\d+)", text, re.M)[1])


def readable(program, directory):
    """A copy of a Swift program that valgrind 3.19 can read, and the environment it needs.

    It crashes on the debug information of Swift's compiler, which the runtime libraries have too.
    """
    os.makedirs(directory, exist_ok=True)

    def copy(path):
        return os.path.join(directory, os.path.basename(path))

    for path in [program, *_own_libraries(program)]:
        subprocess.run(["strip", "--strip-debug", "-o", copy(path), path], check=True)
    return copy(program), {"LD_LIBRARY_PATH": directory}


def _own_libraries(program):
    """The libraries of a program that are not the system's."""
    output = subprocess.run(["ldd", program], stdout=subprocess.PIPE, check=True, text=True).stdout
    return [path for path in re.findall(r"=> (/\S+)", output) if not path.startswith(("/lib", "/usr/lib"))]
