"""What Steelyard's /metrics says about its ledger: whether it has everything, and how many entries."""

import http.client
import time

# A ledger that does not catch up with the load is a result; do not wait for it forever.
CATCH_UP_SECONDS = 30
# The ledger writes every 200 ms; polling much more often would cost the server CPU that the load did not cause.
POLL_SECONDS = 0.05


class Accounting:
    """The charges of one load, from before its first request until all of them are in the ledger."""

    def __init__(self, port):
        self._port = port
        self._before = self._settled_entries()
        self._began = time.monotonic()

    def reading(self, requests, unanswered):
        """Waits for the ledger; entries, and 1 error unless each request has one and only those.

        `unanswered` requests may have been broken off at the end of the load: each of them may have an entry too.
        """
        entries = self._settled_entries() - self._before
        seconds = time.monotonic() - self._began
        is_complete = requests <= entries <= requests + unanswered
        return {"entries": entries, "entries_per_second": entries / seconds, "errors": 0 if is_complete else 1}

    def _settled_entries(self):
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while True:
            values = self._scrape()
            # First the requests in flight: the charges of the last ones are still in the queue.
            if values["ai_requests_in_flight"] == 0 and values["ai_ledger_queue_length"] == 0:
                return round(values["ai_ledger_entries_total"])
            if time.monotonic() > deadline:
                raise RuntimeError(f"the ledger is still {values['ai_ledger_queue_length']:.0f} records behind")
            time.sleep(POLL_SECONDS)

    def _scrape(self):
        """The sum over all series of each relevant family."""
        values = dict.fromkeys(("ai_requests_in_flight", "ai_ledger_queue_length", "ai_ledger_entries_total"), 0.0)
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            connection.request("GET", "/metrics")
            for line in connection.getresponse().read().decode().splitlines():
                name = line.partition("{")[0].partition(" ")[0]
                if name in values:
                    values[name] += float(line.rpartition(" ")[2])
        finally:
            connection.close()
        return values
