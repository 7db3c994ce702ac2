"""What must hold, and a table of what happened."""

from collections import Counter
from dataclasses import dataclass, field

from .run import Outcome
from .witness import Seen, Witness

EXAMPLES = 5


@dataclass
class Judgement:
    """Collects outcomes, in the order Steelyard, then the others."""

    names: list[str]
    kinds: Counter[tuple[str, ...]] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    answered: set[int] = field(default_factory=set)

    def add(self, case: bytes, outcomes: list[Outcome]) -> None:
        ours, *others = outcomes
        self.answered.update(ours.numbers)
        for name, outcome in zip(self.names, outcomes):
            self.requests[name] += len(outcome.forwarded)
        self.kinds[tuple(_kind(ours, outcome) for outcome in outcomes)] += 1
        for seen in passed_alone(ours, others):
            self.faults.append(f"only Steelyard passes {seen} of {case!r}")

    def add_end(self, witness: Witness, log: Counter[tuple[str, int]]) -> None:
        """What the provider behind Steelyard saw, and what Steelyard says that it forwarded."""
        self.faults += [f"Steelyard sent what can be read in two ways: {text}" for text in witness.unclear]
        saw = Counter((seen.method.decode("latin-1"), len(seen.body)) for seen in witness.seen.values())
        if saw != log:
            self.faults.append(f"the provider saw {saw - log} more than the log says, and {log - saw} less")
        if unanswered := set(witness.seen) - self.answered:
            examples = [witness.seen[number] for number in sorted(unanswered)[:EXAMPLES]]
            self.faults.append(f"{len(unanswered)} requests reached the provider without an answer: {examples}")

    def table(self) -> str:
        lines = [f"{name}: {self.requests[name]} requests forwarded" for name in self.names]
        lines += ["", "cases  " + "  ".join(f"{name:<18}" for name in self.names)]
        for kinds, count in self.kinds.most_common(40):
            lines.append(f"{count:>6}  " + "  ".join(f"{kind:<18}" for kind in kinds))
        return "\n".join(lines)


def passed_alone(ours: Outcome, others: list[Outcome]) -> list[Seen]:
    """Requests that Steelyard forwarded, and none of the others."""
    return [seen for seen in ours.forwarded if not any(seen in other.forwarded for other in others)]


def _kind(ours: Outcome, outcome: Outcome) -> str:
    """How many requests passed, compared with ours, and how it ended."""
    end = "waits" if outcome.is_waiting else str(outcome.refusal or "closes")
    if outcome is ours:
        return f"{len(ours.forwarded)} passed, {end}"
    difference = len(outcome.forwarded) - len(ours.forwarded)
    is_same = outcome.forwarded == ours.forwarded
    return f"{'same' if is_same else f'{difference:+}' if difference else 'others'}, {end}"
