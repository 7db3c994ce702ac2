"""Turns readings into a table for people and a document for machines."""

import json
from statistics import median

from .subjects import UNACCOUNTED

# Goals: reported, but never asserted.
CPU_AIM, EVENT_AIM = "≤ 2.5 ×", "≤ 1.5 ×"
P50_AIM, P99_AIM = "≤ 200", "≤ 1000"
MEMORY_AIM, SCRAPE_AIM = "≤ 40", "≤ 10"
ENTRIES = "  ledger entries per second"


class Row:
    """One line of the table: a quantity of each subject over all rounds."""

    def __init__(self, label, readings, aim, shows_ratio=True):
        self.label, self.readings, self.aim, self.shows_ratio = label, readings, aim, shows_ratio

    def ratios(self, name, yardstick="nginx"):
        """The ratio within each round: other work on the machine then affected both alike."""
        bases = self.readings.get(yardstick, [])
        return [value / base for value, base in zip(self.readings.get(name, []), bases) if base > 0]

    def differences(self):
        """What accounting adds, within each round."""
        return [on - off for on, off in zip(self.readings.get("steelyard", []), self.readings.get(UNACCOUNTED, []))]

    def cell(self, name):
        return spread(self.readings.get(name))

    def ratio_cell(self, name, yardstick="nginx"):
        ratios = self.ratios(name, yardstick)
        if not ratios or not self.shows_ratio:
            return ""
        return f"{median(ratios):.2f} × ({min(ratios):.2f}–{max(ratios):.2f})"

    def document(self):
        return {
            "label": self.label, "aim": self.aim, "readings": self.readings,
            "medians": {name: median(values) for name, values in self.readings.items() if values},
            "ratios": {name: {"median": median(self.ratios(name)), "rounds": self.ratios(name)}
                       for name in self.readings if self.shows_ratio and self.ratios(name) and name != "nginx"},
            "accounting_adds": self.differences(),
        }


def spread(values):
    """The median, the minimum and the maximum."""
    if not values:
        return "–"
    digits = 1 if abs(median(values)) < 1000 else 0
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def series(rounds, quantity):
    """`{subject: [value of each round]}` of rounds that are `{subject: reading}`."""
    found = {}
    for readings in rounds:
        for name, reading in readings.items():
            if quantity in reading:
                found.setdefault(name, []).append(reading[quantity])
    return found


def added(rounds, quantity):
    """What each subject adds to a direct request to the provider in the same round."""
    found = {}
    for readings in rounds:
        for name, reading in readings.items():
            if name != "direct":
                found.setdefault(name, []).append(reading[quantity] - readings["direct"][quantity])
    return found


def rows_of(results):
    """All rows of the workloads that ran, in order."""
    rows = []
    for connections, rounds in results.get("plain", {}).items():
        rows.append(Row(f"plain, {_connections(connections)}: CPU µs per request", series(rounds, "cpu_us"), CPU_AIM))
        aims = (P50_AIM, P99_AIM) if int(connections) == 1 else ("", "")
        rows.append(Row("  added time to first byte, p50 µs", added(rounds, "p50_us"), aims[0], False))
        rows.append(Row("  added time to first byte, p99 µs", added(rounds, "p99_us"), aims[1], False))
        rows.append(Row("  requests per second", series(rounds, "per_second"), "", False))
        rows.append(Row(ENTRIES, series(rounds, "entries_per_second"), "", False))
    for count, rounds in results.get("streams", {}).items():
        rows.append(Row(f"{count} streams: CPU µs per event", series(rounds, "cpu_us"), EVENT_AIM))
        rows.append(Row("  added time to first byte, p50 µs", added(rounds, "p50_us"), P50_AIM, False))
        rows.append(Row("  added time to first byte, p99 µs", added(rounds, "p99_us"), P99_AIM, False))
    for count, rounds in results.get("idle", {}).items():
        rows.append(Row(f"{count} idle streams: KiB per stream", series(rounds, "kib"), MEMORY_AIM))
        rows.append(Row("  MiB before them", series(rounds, "before_mib"), "", False))
    for reading in results.get("metrics", []):
        label = f"/metrics, {reading['series']} series ({reading['bytes'] / 1000:.0f} kB): ms"
        rows.append(Row(label, {"steelyard": reading["milliseconds"]}, SCRAPE_AIM, False))
    return [row for row in rows if row.readings]


def _connections(count):
    return "1 connection" if int(count) == 1 else f"{count} connections"


def table(rows, shown):
    """Each subject's median and spread, and the measured ratios to nginx next to their goals."""
    compared = [name for name in shown if name != "nginx"]
    head = ["", *shown, *(f"{name} : nginx" for name in compared), "aim"]
    return aligned([head] + [
        [row.label, *map(row.cell, shown), *map(row.ratio_cell, compared), row.aim]
        for row in rows if row.label != ENTRIES])


def accounting_table(rows):
    """The same work with accounting on and off, and what it adds."""
    head = ["", "on", "off", "on − off", "on : off"]
    return aligned([head] + [
        [row.label, row.cell("steelyard"), row.cell(UNACCOUNTED), spread(row.differences()),
         row.ratio_cell("steelyard", UNACCOUNTED)]
        for row in rows if row.label == ENTRIES or row.differences()])


def aligned(lines):
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]).rstrip()
        for line in lines)


def document(facts, rows, results):
    return json.dumps({**facts, "rows": [row.document() for row in rows], "rounds": results}, indent=1) + "\n"
