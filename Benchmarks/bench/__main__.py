"""Measures Steelyard against nginx on this machine, in one run; see docs/performance.md."""

import argparse
import contextlib
import datetime
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time

from . import peers, report, subjects, workloads

# The metrics workload needs a price for each of its models: a model that has none is counted as `other`.
MODEL_COUNT = 1000


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: about a minute and a half")
    parser.add_argument("--peers", action="store_true", help="also LiteLLM and SMG, installed into .build-bench/")
    parser.add_argument("--rounds", type=int, help="alternating rounds of each workload (default 9, quick 3)")
    parser.add_argument("--only", action="append", choices=["plain", "streams", "idle", "metrics"],
                        help="this workload; may be repeated (default all)")
    parser.add_argument("--results", default="results", help="where bench-DATE.json is written")
    for program in ("steelyard", "nginx", "provider", "loadgen"):
        parser.add_argument("--" + program, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peers-directory", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


class Run:
    """The programs of one run, and their results."""

    def __init__(self, chosen, directory):
        self.chosen, self.directory = chosen, directory
        self.load = workloads.LoadGenerator(os.path.abspath(chosen.loadgen))
        self.rounds = chosen.rounds or (3 if chosen.quick else 9)
        self.seconds = 0.7 if chosen.quick else 1.5
        self.results = {}
        programs = peers.programs(chosen.peers_directory) if chosen.peers else None
        self.provider = subjects.provider(os.path.abspath(chosen.provider), directory)
        self.subjects = [
            subjects.direct(self.provider),
            subjects.nginx(chosen.nginx, self.provider.port, directory),
            subjects.steelyard(os.path.abspath(chosen.steelyard), self.provider.port, directory),
            subjects.unaccounted(os.path.abspath(chosen.steelyard), self.provider.port, directory),
        ]
        if programs:
            self.subjects += peers.subjects(programs, self.provider.port, directory)

    def close(self):
        for subject in self.subjects:
            subject.stop()

    def perform(self):
        for workload in self.chosen.only or ["plain", "streams", "idle", "metrics"]:
            getattr(self, workload)()

    def plain(self):
        for connections in (1, 4, 32):
            self.alternate(
                "plain", connections, self.rounds,
                lambda subject: workloads.plain(self.load, subject, connections, self.seconds),
                warm=lambda subject: self.load.run("plain", subject.port, connections, 0.2))

    def streams(self):
        self.alternate(
            "streams", 200, self.rounds, lambda subject: workloads.streams(self.load, subject, 200),
            warm=lambda subject: self.load.run("plain", subject.port, 32, 0.2))

    def idle(self):
        compared = [subject for subject in self.subjects if subject.name != "direct"]
        self.alternate(
            "idle", 1000, min(3, self.rounds), lambda subject: workloads.idle(self.load, subject, 1000), of=compared)

    def alternate(self, workload, size, rounds, measure, warm=None, of=None):
        """A B A B: each round measures every subject once, in turn."""
        taken = self.results.setdefault(workload, {}).setdefault(str(size), [])
        for subject in of or self.subjects:
            if subject.server is None:
                subject.start()
            if warm:
                warm(subject)
        for number in range(rounds):
            show_progress(f"{workload} {size}, round {number + 1} of {rounds}")
            taken.append({subject.name: measure(subject) for subject in of or self.subjects})

    def metrics(self):
        show_progress("metrics")
        self.results["metrics"] = [self.scraped()]

    def scraped(self):
        prices = "models:\n" + "".join(
            f"  bench-{number}: {{ also: [bench-{number}-2025-04-14], prices: "
            "{ standard: { input: 1, output: 2 } } }\n" for number in range(MODEL_COUNT))
        subjects.write(self.directory, "prices.yaml", prices)
        subject = subjects.steelyard(
            os.path.abspath(self.chosen.steelyard), self.provider.port, self.directory, "scraped",
            "prices: { file: prices.yaml }\n")
        subject.start()
        try:
            return workloads.scrapes(self.load, subject, 10_000, 20)
        finally:
            subject.stop()

    def errors(self):
        """`workload size subject: count` of all readings with incomplete answers."""
        return [
            f"{workload} {size} {name}: {reading['errors']} answers not whole, or charges not on record"
            for workload, sizes in self.results.items() if workload != "metrics"
            for size, rounds in sizes.items() for readings in rounds
            for name, reading in readings.items() if reading["errors"]]


def show_progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def facts(chosen):
    nginx = subprocess.run([chosen.nginx, "-v"], stderr=subprocess.PIPE, text=True).stderr.strip().rpartition("/")[2]
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": os.cpu_count(), "kernel": platform.release(), "machine": platform.machine(),
        "nginx": nginx, "load": os.getloadavg()[0],
    }


def raise_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
    chosen = options()
    raise_file_limit()
    # So that `finally` ends the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    about, began = facts(chosen), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="steelyard-bench-") as directory:
        with contextlib.closing(Run(chosen, directory)) as run:
            run.perform()
    about["seconds"] = round(time.monotonic() - began, 1)
    show_progress("")
    present(run, about)
    sys.exit(1 if run.errors() else 0)


def present(run, about):
    rows = report.rows_of(run.results)
    shown = [subject.name for subject in run.subjects if subject.name not in ("direct", subjects.UNACCOUNTED)]
    print("Steelyard and nginx {nginx}, {cores} cores, Linux {kernel} ({machine}), load before {load:.1f}, {seconds:.0f} s"
          .format(**about))
    print("median (least–most) of the rounds; ratios are taken within a round\n")
    print(report.table(rows, shown))
    if any(row.differences() for row in rows):
        print("\njournal, ledger and two blocking budgets, on and off\n")
        print(report.accounting_table(rows))
    for error in run.errors():
        print(f"not to be trusted: {error}")
    os.makedirs(run.chosen.results, exist_ok=True)
    path = os.path.join(run.chosen.results, f"bench-{about['date'][:19].replace(':', '')}.json")
    with open(path, "w") as file:
        file.write(report.document(about, rows, run.results))
    print(f"\nevery reading: {path}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
