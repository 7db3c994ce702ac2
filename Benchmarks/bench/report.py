"""Turns readings into tables for people and a document for machines."""

import json

from .instructions import EVENTS
from .rows import ENTRIES, spread
from .subjects import UNACCOUNTED


def table(rows):
    """nginx's and Steelyard's median and spread, and the measured ratio next to its aim."""
    return aligned([["", "nginx", "steelyard", "steelyard : nginx", "aim"]] + [
        [row.label, row.cell("nginx"), row.cell("steelyard"), row.ratio_cell("steelyard"), str(row.aim or "")]
        for row in rows if row.label != ENTRIES])


def peers_table(rows, peers):
    """The same work through other gateways and proxies, and what Steelyard costs beside each: medians only."""
    head = ["", "nginx", "steelyard", *peers, *(f"steelyard : {name}" for name in peers)]
    return aligned([head] + [
        [row.label, *map(row.median_cell, ["nginx", "steelyard", *peers]),
         *(row.ratio_cell("steelyard", name).partition(" (")[0] for name in peers)]
        for row in rows if any(name in row.readings for name in peers)])


def accounting_table(rows):
    """The same work with accounting on and off, and what it adds."""
    head = ["", "on", "off", "on − off", "on : off"]
    return aligned([head] + [
        [row.label, row.cell("steelyard"), row.cell(UNACCOUNTED), spread(row.differences()),
         row.ratio_cell("steelyard", UNACCOUNTED)]
        for row in rows if row.label == ENTRIES or row.differences()])


def threads_table(counted, name="steelyard"):
    """Steelyard's instructions by thread."""
    return aligned([["", "1 KiB", "16 KiB", "no events", "event"], *thread_lines(counted, name)])


def thread_lines(counted, name):
    """One line per thread that did something, the busiest first."""
    readings = {workload: rounds[0][name] for workload, rounds in counted.items()}
    threads = {thread for reading in readings.values() for thread in reading["threads"]}

    def shares(thread):
        small, large, none, many = (reading["threads"].get(thread, 0) for reading in readings.values())
        return [small, large, none, (many - none) / EVENTS]

    lines = sorted(([thread, *shares(thread)] for thread in threads), key=lambda line: -line[1])
    return [[line[0], *(f"{value:,.0f}" for value in line[1:])] for line in lines if max(line[1:4]) >= 100]


def aims_of(rows):
    """`[what, aim, measured, whether it is met]` of every row that has an aim; a part names its whole."""
    found, whole = [], ""
    for row in rows:
        if not row.label.startswith(" "):
            whole = row.label.partition(":")[0]
        if row.aim and row.measured() is not None:
            what = f"{whole}: {row.label.strip()}" if row.label.startswith(" ") else row.label
            found.append([what, row.aim, row.measured(), row.measured() <= row.aim.limit])
    return found


def aims_table(rows):
    return aligned([["", "aim", "measured", ""]] + [
        [what, str(aim), spread([measured], 2, aim.unit), "met" if is_met else "missed"]
        for what, aim, measured, is_met in aims_of(rows)])


def aligned(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]).rstrip()
        for line in lines)


def document(facts, rows, results):
    aims = [{"what": what, "aim": str(aim), "measured": measured, "met": is_met}
            for what, aim, measured, is_met in aims_of(rows)]
    return json.dumps({**facts, "aims": aims, "rows": [row.document() for row in rows], "rounds": results},
                      indent=1) + "\n"
