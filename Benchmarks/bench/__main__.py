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

from . import report, rows
from .run import Run, show_progress

PARTS = ["plain", "streams", "idle", "metrics", "instructions"]


def options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="fewer and shorter rounds, no instructions: about a minute and a half")
    parser.add_argument("--peers", action="store_true",
                        help="also Envoy, SMG and LiteLLM, installed into .build-bench/")
    parser.add_argument("--instructions", action="append_const", dest="only", const="instructions",
                        help="the same as --only instructions: less than a minute, and a busy machine does not matter")
    parser.add_argument("--rounds", type=int, help="alternating rounds of each workload (default 9, quick 3)")
    parser.add_argument("--only", action="append", choices=PARTS,
                        help="this part; may be repeated (default all)")
    parser.add_argument("--results", default="results", help="where bench-DATE.json is written")
    for path in ("steelyard", "nginx", "provider", "loadgen", "sigsuspend", "peers-directory"):
        parser.add_argument("--" + path, required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.only = chosen.only or [part for part in PARTS if part != "instructions" or not chosen.quick]
    return chosen


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
    measured, counted = rows.rows_of(run.results), rows.instruction_rows(run.results.get("instructions"))
    print("Steelyard and nginx {nginx}, {cores} cores, Linux {kernel} ({machine}), load before {load:.1f}, "
          "{seconds:.0f} s".format(**about))
    for title, table in tables(run, measured, counted):
        print(f"\n{title}\n\n{table}")
    for remark in run.remarks:
        print(f"\n{remark}")
    for error in run.errors():
        print(f"not to be trusted: {error}")
    keep(run, about, measured + counted)


def tables(run, measured, counted):
    """Each table that has lines, and what it is about."""
    if measured:
        yield "median (least–most) of the rounds; ratios are taken within a round", report.table(measured)
    if run.peers:
        yield ("the same work through the peers: medians",
               report.peers_table(measured, [subject.name for subject in run.peers]))
    if any(row.differences() for row in measured):
        yield "journal, ledger and two blocking budgets, on and off", report.accounting_table(measured)
    if counted:
        yield "instructions in user space", report.table(counted)
        yield "Steelyard's instructions by thread", report.threads_table(run.results["instructions"])
    yield "aims", report.aims_table(measured + counted)


def keep(run, about, shown):
    os.makedirs(run.chosen.results, exist_ok=True)
    path = os.path.join(run.chosen.results, f"bench-{about['date'][:19].replace(':', '')}.json")
    with open(path, "w") as file:
        file.write(report.document({**about, "remarks": run.remarks}, shown, run.results))
    print(f"\nevery reading: {path}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
