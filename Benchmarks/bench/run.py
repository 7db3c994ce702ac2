"""One run: which programs it measures, which workloads go through them, and in which order."""

import os
import sys
import typing

from . import instructions, peers, subjects, workloads
from .workloads import KIB

# The metrics workload needs a price for each of its models: a model that has none is counted as `other`.
MODEL_COUNT = 1000


class Workload(typing.NamedTuple):
    """What each subject is measured with, and the name and size under which the readings are kept."""

    name: str
    size: int
    measure: typing.Callable
    warm_up: typing.Callable = lambda subject: None


class Run:
    """The programs of one run, and their results."""

    def __init__(self, chosen, directory):
        self.chosen, self.directory = chosen, directory
        self.load = workloads.LoadGenerator(os.path.abspath(chosen.loadgen))
        self.rounds = chosen.rounds or (3 if chosen.quick else 9)
        self.seconds = 0.7 if chosen.quick else 1.5
        self.results, self.remarks = {}, []
        self.provider = subjects.provider(os.path.abspath(chosen.provider), directory)
        self.peers = []
        self.subjects = [
            subjects.direct(self.provider),
            subjects.nginx(chosen.nginx, self.provider.port, directory),
            subjects.steelyard(os.path.abspath(chosen.steelyard), self.provider.port, directory),
            subjects.unaccounted(os.path.abspath(chosen.steelyard), self.provider.port, directory),
        ]
        if chosen.peers:
            self.peers = peers.started(chosen.peers_directory, self.provider.port, directory, self.remarks.append)
            self.subjects += self.peers

    def close(self):
        for subject in self.subjects:
            subject.stop()

    def perform(self):
        for part in self.chosen.only:
            getattr(self, part)()

    def plain(self):
        for connections in (1, 4, 32):
            small = self.plain_workload("plain", connections, KIB)
            large = self.plain_workload("plain 16 KiB", connections, 16 * KIB)
            self.alternate(*([small] if connections == 4 else [small, large]))

    def plain_workload(self, name, connections, body_bytes):
        return Workload(
            name, connections,
            lambda subject: workloads.plain(self.load, subject, connections, self.seconds, body_bytes),
            lambda subject: workloads.warm_up(self.load, subject, connections))

    def streams(self):
        self.alternate(Workload(
            "streams", 200, lambda subject: workloads.streams(self.load, subject, 200),
            lambda subject: workloads.warm_up(self.load, subject, 32)))

    def idle(self):
        self.alternate(
            Workload("idle", 1000, lambda subject: workloads.idle(self.load, subject, 1000)),
            rounds=min(3, self.rounds), of=[subject for subject in self.subjects if subject.name != "direct"])

    def alternate(self, *planned, rounds=None, of=None):
        """A B A B: each round measures every subject once with each workload, in turn."""
        compared, rounds = of or self.subjects, rounds or self.rounds
        for subject in compared:
            if subject.server is None:
                subject.start()
            planned[0].warm_up(subject)
        for number in range(rounds):
            for workload in planned:
                show_progress(f"{workload.name} {workload.size}, round {number + 1} of {rounds}")
                self.keep(workload.name, workload.size,
                          {subject.name: workload.measure(subject) for subject in compared})

    def keep(self, name, size, readings):
        """Adds a round, which is `{subject: reading}`, to the results."""
        self.results.setdefault(name, {}).setdefault(str(size), []).append(readings)

    def instructions(self):
        if missing := instructions.missing_program():
            return self.remarks.append(f"no instructions: {missing} is not installed")
        readings = {}
        for subject in instructions.counted_subjects(self.chosen, self.provider.port, self.directory):
            show_progress(f"instructions of {subject.name}")
            readings[subject.name] = instructions.measure(self.load, subject)
        for name in instructions.WORKLOADS:
            self.keep("instructions", name, {subject: measured[name] for subject, measured in readings.items()})

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
