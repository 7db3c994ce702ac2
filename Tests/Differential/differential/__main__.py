"""scripts/differential calls this with the programs to compare."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from .grammar import Maker
from .judgement import Judgement
from .proxies import Proxy, all_proxies, forwarded_by_log
from .run import outcomes

BATCH = 500


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/differential")
    parser.add_argument("count", nargs="?", type=int, default=100_000, help="how many cases (default: 100,000)")
    parser.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32), help="repeats a run")
    for name in ("steelyard", "nginx", "haproxy"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--libraries", type=Path, help="where HAProxy finds its libraries")
    return parser.parse_args()


async def compare(proxies: list[Proxy], maker: Maker, count: int) -> Judgement:
    judgement = Judgement([proxy.name for proxy in proxies])
    began = time.monotonic()
    for start in range(0, count, BATCH):
        cases = [maker.case() for _ in range(min(BATCH, count - start))]
        for case, results in zip(cases, await outcomes(proxies, cases)):
            judgement.add(case, results)
        done = start + len(cases)
        print(f"{done} of {count} cases, {done / (time.monotonic() - began):.0f} a second, "
              f"{len(judgement.faults)} faults", file=sys.stderr)
    return judgement


async def main() -> int:
    options = arguments()
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = [path.absolute() for path in (options.steelyard, options.nginx, options.haproxy)]
        proxies = all_proxies(*programs, options.libraries and options.libraries.absolute(), folder)
        try:
            for proxy in proxies:
                await proxy.start()
            judgement = await compare(proxies, Maker(options.seed), options.count)
        finally:
            statuses = [proxy.stop() for proxy in proxies]
        if statuses[0] != 0:
            judgement.faults.append(f"Steelyard ended with status {statuses[0]}")
        judgement.add_end(proxies[0].witness, forwarded_by_log(proxies[0].log))
    print(judgement.table())
    for fault in judgement.faults[:50]:
        print("FAULT", fault)
    print(f"{len(judgement.faults)} faults")
    return 1 if judgement.faults else 0


sys.exit(asyncio.run(main()))
