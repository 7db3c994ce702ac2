import Logging
import SteelyardConfiguration
import SteelyardPolicy
import SteelyardServer
import UnixSignals

/// How a gateway ends: no exchange is cut too early, and nothing can keep the process from ending.
extension Gateway {
    /// Lets streams finish, refuses new requests, and closes idle connections at once.
    func drain(_ listeners: Listeners) async {
        parts.readiness.become(.draining)
        parts.services.beginDraining()
        parts.logger.notice("draining", metadata: ["exchanges": "\(parts.services.exchangeCount)"])
        let began = ContinuousClock.now
        await waitForExchanges()
        let cut = parts.services.exchangeCount
        if cut > 0 {
            parts.logger.warning("the drain timeout is over; open exchanges are cut", metadata: ["cut": "\(cut)"])
        }
        // Clients may read what was written for them as long as the drain may last.
        let left = Duration.seconds(configuration.server.timeouts.drainSeconds) - (.now - began)
        await listeners.data.end(within: cut > 0 ? .zero : max(left, .zero))
        await listeners.admin?.end(within: .seconds(1))
        let jobs = parts.learned.jobs.count
        if jobs > 0 { tell(ofJobs: jobs) }
    }

    /// With a ledger, the next start finds them again (docs/decisions/0008).
    private func tell(ofJobs count: Int) {
        let metadata: Logger.Metadata = ["jobs": "\(count)"]
        guard parts.records.ledger == nil else {
            return parts.logger.notice(
                "background jobs are still open; the next start waits for them",
                metadata: metadata
            )
        }
        parts.logger.warning("background jobs are still open and will not be charged", metadata: metadata)
    }

    /// Returns when no exchange is left, the drain timeout is over, or a second signal arrives.
    private func waitForExchanges() async {
        let grace = configuration.server.timeouts.drainSeconds
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.exchangesEnd() }
            // A cancelled sleep ends the drain: whoever runs the gateway does not want to wait.
            group.addTask { try? await Task.sleep(for: .seconds(grace)) }
            group.addTask { await self.anotherSignal() }
            await group.next()
            group.cancelAll()
        }
    }

    private func exchangesEnd() async {
        // The count falls to zero with the last exchange; how often this looks affects nothing else.
        while parts.services.exchangeCount > 0 {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    private func anotherSignal() async {
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { return }
    }
}
