"""What the readings of a run amount to: rows with each subject's values, and the aims of some of them."""

from statistics import median

from .instructions import EVENTS
from .subjects import UNACCOUNTED

ENTRIES = "  ledger entries per second"


class Aim:
    """What a row should be at most: Steelyard's own value, or its ratio to nginx. Reported, but never asserted."""

    def __init__(self, limit, is_ratio=False, unit=""):
        self.limit, self.is_ratio, self.unit = limit, is_ratio, " ×" if is_ratio else unit

    def __str__(self):
        return f"≤ {self.limit:,g}{self.unit}"


CPU_AIM, EVENT_AIM, SIZE_AIM = Aim(2.5, is_ratio=True), Aim(1.5, is_ratio=True), Aim(1.3, unit=" ×")
P50_AIM, P99_AIM = Aim(100), Aim(500)
MEMORY_AIM, SCRAPE_AIM, INSTRUCTIONS_AIM = Aim(16), Aim(10), Aim(200_000)


class Row:
    """One line of the table: a quantity of each subject over all rounds."""

    def __init__(self, label, readings, aim=None, shows_ratio=True, digits=1):
        self.label, self.readings, self.aim = label, readings, aim
        self.shows_ratio, self.digits = shows_ratio, digits

    def ratios(self, name, yardstick="nginx"):
        """The ratio within each round: other work on the machine then affected both alike."""
        bases = self.readings.get(yardstick, [])
        return [value / base for value, base in zip(self.readings.get(name, []), bases) if base > 0]

    def differences(self):
        """What accounting adds, within each round."""
        return [on - off for on, off in zip(self.readings.get("steelyard", []), self.readings.get(UNACCOUNTED, []))]

    def measured(self):
        """What the aim is about; None if it was not measured."""
        values = self.ratios("steelyard") if self.aim.is_ratio else self.readings.get("steelyard")
        return median(values) if values else None

    def cell(self, name):
        return spread(self.readings.get(name), self.digits)

    def median_cell(self, name):
        return self.cell(name).partition(" (")[0]

    def ratio_cell(self, name, yardstick="nginx"):
        ratios = self.ratios(name, yardstick)
        return spread(ratios, 2, " ×") if ratios and self.shows_ratio else ""

    def document(self):
        return {
            "label": self.label.strip(), "aim": str(self.aim or ""), "readings": self.readings,
            "medians": {name: median(values) for name, values in self.readings.items() if values},
            "ratios": {name: {"median": median(self.ratios(name)), "rounds": self.ratios(name)}
                       for name in self.readings if self.shows_ratio and self.ratios(name) and name != "nginx"},
            "accounting_adds": self.differences(),
        }


def spread(values, digits=1, unit=""):
    """The median, and of several values the minimum and the maximum."""
    if not values:
        return "–"
    digits = digits if abs(median(values)) < 1000 else 0
    middle, least, most = (f"{value:,.{digits}f}" for value in (median(values), min(values), max(values)))
    return f"{middle}{unit}" + (f" ({least}–{most})" if len(values) > 1 else "")


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


def quotients(rounds, bases, quantity):
    """Each subject's quantity divided by the one of the same round in `bases`."""
    found = {}
    for readings, based in zip(rounds, bases):
        for name, reading in readings.items():
            if based[name][quantity] > 0:
                found.setdefault(name, []).append(reading[quantity] / based[name][quantity])
    return found


def rows_of(results):
    """All rows of the workloads that ran, in order."""
    rows = []
    for connections, rounds in results.get("plain", {}).items():
        rows += plain_rows(f"plain, {_connections(connections)}", rounds, is_alone=int(connections) == 1)
    for connections, rounds in results.get("plain 16 KiB", {}).items():
        rows += large_rows(f"16 KiB, {_connections(connections)}", rounds, results["plain"][connections])
    for count, rounds in results.get("streams", {}).items():
        rows.append(Row(f"{count} streams: CPU µs per event", series(rounds, "cpu_us"), EVENT_AIM))
        rows += added_rows(rounds, P50_AIM, P99_AIM)
    for count, rounds in results.get("idle", {}).items():
        rows.append(Row(f"{count} idle streams: KiB per stream", series(rounds, "kib"), MEMORY_AIM))
        rows.append(Row("  MiB before them", series(rounds, "before_mib"), shows_ratio=False))
    for reading in results.get("metrics", []):
        label = f"/metrics, {reading['series']:,} series ({reading['bytes'] / 1000:,.0f} kB): ms"
        rows.append(Row(label, {"steelyard": reading["milliseconds"]}, SCRAPE_AIM, shows_ratio=False))
    return [row for row in rows if row.readings]


def plain_rows(label, rounds, is_alone):
    """The rows of plain requests of 1 KiB; the aims of added time are a lone client's."""
    aims = (P50_AIM, P99_AIM) if is_alone else (None, None)
    return [
        Row(f"{label}: CPU µs per request", series(rounds, "cpu_us"), CPU_AIM),
        *added_rows(rounds, *aims),
        Row("  requests per second", series(rounds, "per_second"), shows_ratio=False),
        Row(ENTRIES, series(rounds, "entries_per_second"), shows_ratio=False),
    ]


def large_rows(label, rounds, small_rounds):
    return [
        Row(f"{label}: CPU µs per request", series(rounds, "cpu_us")),
        Row("  CPU, 16 KiB : 1 KiB", quotients(rounds, small_rounds, "cpu_us"), SIZE_AIM, shows_ratio=False, digits=2),
        *added_rows(rounds, None, None),
        Row("  requests per second", series(rounds, "per_second"), shows_ratio=False),
    ]


def added_rows(rounds, p50_aim, p99_aim):
    return [
        Row("  added time to first byte, p50 µs", added(rounds, "p50_us"), p50_aim, shows_ratio=False),
        Row("  added time to first byte, p99 µs", added(rounds, "p99_us"), p99_aim, shows_ratio=False),
    ]


def instruction_rows(counted):
    """Instructions per request and per event of `{workload: [{subject: reading}]}`."""
    if not counted:
        return []
    counts = {workload: series(rounds, "instructions") for workload, rounds in counted.items()}
    return [
        Row("1 KiB request: instructions", counts["1 KiB"], INSTRUCTIONS_AIM),
        Row("16 KiB request: instructions", counts["16 KiB"]),
        Row("  16 KiB : 1 KiB", quotients(counted["16 KiB"], counted["1 KiB"], "instructions"), None, False, 2),
        Row("stream of no events: instructions", counts["0 events"]),
        Row("stream event: instructions", events_own(counts)),
    ]


def events_own(counts):
    """What one event adds to a stream."""
    return {name: [(many - none) / EVENTS for many, none in zip(values, counts["0 events"][name])]
            for name, values in counts[f"{EVENTS} events"].items()}


def _connections(count):
    return "1 connection" if int(count) == 1 else f"{count} connections"
