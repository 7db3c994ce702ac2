"""What /metrics says, exactly: `prometheus_client` reads it, `Decimal` keeps it."""

from decimal import Decimal

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


class Readings:
    """The samples of one scrape, or the difference of two."""

    def __init__(self, samples: dict[tuple[str, Labels], Decimal]):
        self.samples = samples

    @classmethod
    def parse(cls, text: str) -> "Readings":
        # The shortest decimal of a double gives back every number of up to 15 digits as it was written: money in
        # picodollars is exact below 1,000 dollars.
        return cls(
            {
                (sample.name, frozenset(sample.labels.items())): Decimal(repr(float(sample.value)))
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            }
        )

    def __sub__(self, earlier: "Readings") -> "Readings":
        return Readings({key: value - earlier.samples.get(key, 0) for key, value in self.samples.items()})

    def __call__(self, name: str, **labels: str) -> Decimal:
        """The sum of all series of `name` that have these labels."""
        wanted = set(labels.items())
        return sum((value for (its, has), value in self.samples.items() if its == name and wanted <= has), Decimal(0))

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], Decimal]:
        """Sums of `name` per value of the labels, zeros left out."""
        sums: dict[tuple[str, ...], Decimal] = {}
        for (its, has), value in self.samples.items():
            if its == name and value:
                key = tuple(dict(has)[label] for label in labels)
                sums[key] = sums.get(key, Decimal(0)) + value
        return sums

    def series(self, prefix: str = "") -> int:
        """How many samples there are whose name begins with `prefix`."""
        return sum(name.startswith(prefix) for name, _ in self.samples)
