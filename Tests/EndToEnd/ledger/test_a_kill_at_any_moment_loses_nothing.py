"""`kill -9` under load, again and again, and SIGTERM now and then: provider and ledger have the same requests.

Every request has a number of its own. It may put out that many tokens and its answer says that it did, so that the
number is in the entry's hold and cost, whether the gateway lived to see the answer or not.
"""

import http.client
import os
import random
import threading
import time
from collections import Counter
from decimal import Decimal

import pytest

from harness.entries import entries, ledger_of, reading
from harness.gateway import Gateway
from harness.house import budget, house_yaml, usage
from harness.polling import until
from harness.process import steelyard
from harness.raw import Leaver, ask, chat
from harness.simulator import Simulator, directives
from harness.standing import standing

# Each takes the better part of a second; set it higher for a soak.
KILLS = int(os.environ.get("STEELYARD_KILLS", 100))
CLIENTS = 8
PICODOLLARS_A_TOKEN = 10**6
PRICES = "models: { tally: { limits: { output: 100000000 }, prices: { standard: { input: 0, output: 1 } } } }"
TEAMS = {"search": {"budgets": [budget(100_000)], "reserve": "worst_case"}}


class Load:
    """Clients that ask with the next number until the gateway is gone; some leave before the answer's end."""

    def __init__(self, dice: random.Random):
        self.dice = dice
        self.next = 1
        # The numbers of the requests whose answers came to their end, and of those whose clients left before it.
        self.answered: set[int] = set()
        self.left: set[int] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def begin(self, port: int) -> None:
        self._threads = [threading.Thread(target=self._work, args=(port,)) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self, port: int) -> None:
        while True:
            with self._lock:
                number, self.next = self.next, self.next + 1
                pace = self.dice.choice(({}, {"delay_ms": 20}, {"event_ms": 1}))
                leaves = self.dice.random() < 0.1
            try:
                if leaves:
                    self._leave(port, number)
                elif not self._ask(port, number, pace):
                    return
            except OSError:
                return
            except (AssertionError, http.client.HTTPException):
                # The answer broke off.
                continue

    def _ask(self, port: int, number: int, pace: dict) -> bool:
        """Whether the gateway serves still."""
        body = chat("tally", max_tokens=number, stream=number % 2 == 0)
        answer = ask(port, body, directives(usage=usage(number), **pace))
        if answer.status == 200:
            with self._lock:
                self.answered.add(number)
        return answer.status == 200

    def _leave(self, port: int, number: int) -> None:
        with self._lock:
            self.left.add(number)
        body = chat("tally", max_tokens=number, stream=True)
        client = Leaver(port, body, directives(usage=usage(number), event_ms=5, events=100))
        client.read_events(2)
        client.leave()


class Seen:
    """What the provider received, by the numbers of the requests."""

    def __init__(self, simulator: Simulator):
        self.simulator = simulator
        self.numbers: Counter[int] = Counter()

    def take_in(self) -> None:
        witnessed = self.simulator.witness()
        self.simulator.forget()
        self.numbers.update(entry.request["max_tokens"] for entry in witnessed)


def number_of(entry: dict) -> int:
    number, rest = divmod(entry["hold"], PICODOLLARS_A_TOKEN)
    assert rest == 0, entry
    return number


def judge(ledger, load: Load, seen: Seen) -> Decimal:
    """Compares the ledger with what the provider saw; gives what was spent, in dollars."""
    made = entries(ledger)
    with reading(ledger) as connection:
        assert connection.execute("SELECT count(*) FROM open_charges").fetchone()[0] == 0
    numbers = Counter(map(number_of, made))
    assert not [number for number, times in numbers.items() if times > 1], "charged twice"
    assert not [number for number, times in seen.numbers.items() if times > 1], "sent twice"
    assert not set(seen.numbers) - set(numbers), "money that was spent and is on no record"
    by_number = {number_of(entry): entry for entry in made}
    for number, entry in by_number.items():
        assert entry["part"] == 0
        if entry["confidence"] == "estimated":
            assert number in load.left and entry["cost"] <= entry["hold"], entry
        else:
            assert entry["cost"] == number * PICODOLLARS_A_TOKEN, entry
            assert entry["confidence"] in ("exact", "interrupted"), entry
        if number not in seen.numbers:
            assert entry["confidence"] == "interrupted", "an answer that nobody gave"
    inexact = [number for number in load.answered if by_number[number]["confidence"] != "exact"]
    assert not inexact, "an answer reached its client before its charge was on record"
    return Decimal(sum(entry["cost"] for entry in made)) / 10**12


@pytest.mark.parametrize(("durability", "kills"), [("process", KILLS), ("power", KILLS // 5)])
def test_under_load(start_gateway, simulator, durability, kills):
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    text = house_yaml(simulator.url, TEAMS, logging={"access": False}, ledger={"durability": durability})
    gateway = start_gateway(text, files={"prices.yaml": PRICES})
    load, seen = Load(dice), Seen(simulator)
    for kill in range(kills):
        load.begin(gateway.port)
        # No wait for anything: the moment is what is tried out.
        time.sleep(dice.uniform(0.02, 0.3))
        if kill % 10 == 9:
            gateway.stop()
        else:
            gateway.kill()
        load.end()
        seen.take_in()
        if kill % 5 == 0:
            kill_while_it_starts(gateway, dice)
        gateway.start()
        now = standing(gateway, "search")
        assert now.reserved == 0
        assert now.spent == spent(gateway)

    seen.take_in()
    assert len(seen.numbers) > 3 * kills, "hardly any load"
    assert len(load.answered) > kills
    ledger = ledger_of(gateway)
    assert judge(ledger, load, seen) == standing(gateway, "search").spent
    interrupted = sum(entry["confidence"] == "interrupted" for entry in entries(ledger))
    print(f"{len(seen.numbers)} requests, {len(load.answered)} answered, {interrupted} interrupted")
    assert interrupted > kills // 4, "the moments hit nothing"
    gateway.stop()
    verified = steelyard("ledger", "verify", "--config", str(gateway.file), folder=gateway.folder)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    gateway.start()


def spent(gateway: Gateway) -> Decimal:
    return Decimal(sum(entry["cost"] for entry in entries(ledger_of(gateway)))) / 10**12


def kill_while_it_starts(gateway: Gateway, dice: random.Random) -> None:
    """A restart that is killed itself, perhaps in the middle of its replay."""
    process = gateway.launch()
    time.sleep(dice.uniform(0, 0.3))
    process.kill()


def test_judgement_notices_what_it_is_for(start_gateway, simulator, tmp_path):
    """The same comparison, with a request added to what the provider saw, one taken from it, and one told twice."""
    gateway = start_gateway(house_yaml(simulator.url, TEAMS), files={"prices.yaml": PRICES})
    load, seen = Load(random.Random(0)), Seen(simulator)
    with gateway.counting(requests=3):
        for number in (1, 2, 3):
            ask(gateway.port, chat("tally", max_tokens=number), directives(usage=usage(number)))
            load.answered.add(number)
    ledger = ledger_of(gateway)
    until(lambda: len(entries(ledger)) == 3, what="three entries")
    seen.take_in()
    assert judge(ledger, load, seen) == Decimal("0.000006")
    for change in ({4: 1}, {3: -1}, {3: 1}):
        wrong = Seen(simulator)
        wrong.numbers = seen.numbers + Counter(change) if change != {3: -1} else seen.numbers - Counter({3: 1})
        with pytest.raises(AssertionError):
            judge(ledger, load, wrong)
