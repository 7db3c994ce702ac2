import SteelyardMetrics
import Synchronization

/// The reloads of one process: one at a time, and the result of the last one, in the terms that Prometheus itself uses.
final class Reloads: Sendable {
    private struct Outcome {
        var isSuccessful = true
        var successAtSeconds: Int64
    }

    private let turn = Mutex<Void>(())
    private let outcome: Mutex<Outcome>

    /// Starts with the configuration that the process was started with.
    init(startedAtSeconds: Int64) { outcome = Mutex(Outcome(successAtSeconds: startedAtSeconds)) }

    /// Reloads if no other reload runs: of two at the same time, the later one must win for both the rules and the
    /// upstream's list of providers.
    func run(nowSeconds: () -> Int64, _ reload: () -> ReloadReport) -> ReloadReport {
        turn.withLock { _ in
            let report = reload()
            let now = nowSeconds()
            outcome.withLock { outcome in
                outcome.isSuccessful = report.isDone
                if report.isDone { outcome.successAtSeconds = now }
            }
            return report
        }
    }

    func declare(in registry: MetricRegistry) {
        registry.observedGauge(
            "steelyard_config_last_reload_successful",
            help: "Whether the last configuration reload succeeded: 1, else 0."
        ) { readings in readings.add(.integer(self.outcome.withLock { $0.isSuccessful } ? 1 : 0)) }
        registry.observedGauge(
            "steelyard_config_last_reload_success_timestamp_seconds",
            help: "When the current configuration was read."
        ) { readings in readings.add(.integer(self.outcome.withLock { $0.successAtSeconds })) }
    }
}
