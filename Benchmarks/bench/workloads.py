"""The rounds: each does the same work through every subject in turn, and returns one reading for each."""

import http.client
import json
import subprocess
import time

from .accounting import Accounting

EVENTS, INTERVAL_MS = 50, 20
KIB = 1024
# How long a server's memory still changes after the last byte.
SETTLE_SECONDS = 0.3


class LoadGenerator:
    def __init__(self, program):
        self.program = program

    def run(self, *arguments):
        output = subprocess.run(
            [self.program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
        return json.loads(output)

    def hold(self, port, streams):
        """Opens silent streams; returns the running process, which holds them until its stdin closes."""
        process = subprocess.Popen(
            [self.program, "hold", str(port), str(streams)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return process, json.loads(process.stdout.readline())


def plain(load, subject, connections, seconds, body_bytes):
    """CPU and time to first byte of plain requests, back to back on `connections`."""
    return _loaded(
        subject, lambda: load.run("plain", subject.port, connections, seconds, body_bytes),
        lambda run: run["requests"], unanswered=connections)


def warm_up(load, subject, connections):
    load.run("plain", subject.port, connections, 0.2, KIB)


def streams(load, subject, count):
    """CPU per event and time to first byte of `count` streams at once."""
    expected = count * (EVENTS + 1)  # and `[DONE]`

    def run():
        result = load.run("stream", subject.port, count, EVENTS, INTERVAL_MS)
        result["errors"] += result["events"] != expected
        return result

    return _loaded(subject, run, lambda run: count * EVENTS, unanswered=0)


def _loaded(subject, run, units, unanswered):
    """One reading; counts CPU until the last charge is in the ledger, which is after the last answer."""
    accounting = Accounting(subject.port) if subject.has_ledger else None
    before = subject.server.cpu_nanoseconds()
    result = run()
    accounted = accounting.reading(result["requests"], unanswered) if accounting else {"errors": 0}
    cpu = subject.server.cpu_nanoseconds() - before
    errors = result["errors"] + accounted.pop("errors")
    reading = {"cpu_us": cpu / 1000 / max(1, units(result)), "errors": errors,
               "per_second": units(result) / result["seconds"], **accounted}
    return {**reading, **{name + "_us": value for name, value in result["first_byte_us"].items()}}


def idle(load, subject, count):
    """Memory per open stream of a server that has just started and served a few requests."""
    subject.restart()
    load.run("plain", subject.port, 8, 0.3, KIB)
    time.sleep(SETTLE_SECONDS)
    before = subject.server.resident_bytes()
    holder, result = load.hold(subject.port, count)
    time.sleep(SETTLE_SECONDS)
    grown = subject.server.resident_bytes() - before
    holder.communicate()
    return {"kib": grown / 1024 / count, "before_mib": before / 2**20, "errors": result["errors"]}


def scrapes(load, subject, wanted_series, repetitions):
    """The time of a scrape after requests for many models have made it `wanted_series` lines long."""
    connection = http.client.HTTPConnection("127.0.0.1", subject.port)
    model, series = 0, 0
    while series < wanted_series:
        load.run("models", subject.port, model, 50)
        model += 50
        body, _ = _scrape(connection)
        series = sum(1 for line in body.split(b"\n") if line and not line.startswith(b"#"))
    before = subject.server.cpu_nanoseconds()
    times = [_scrape(connection)[1] for _ in range(repetitions)]
    cpu = subject.server.cpu_nanoseconds() - before
    connection.close()
    return {"series": series, "bytes": len(body), "milliseconds": times, "cpu_ms": cpu / 1e6 / repetitions}


def _scrape(connection):
    begin = time.perf_counter()
    connection.request("GET", "/metrics")
    body = connection.getresponse().read()
    return body, (time.perf_counter() - begin) * 1000
