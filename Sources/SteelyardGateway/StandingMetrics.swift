import SteelyardLedger
import SteelyardMetrics
import SteelyardPolicy

/// The state of budgets, rates, journal and ledger, read when `/metrics` is scraped.
struct StandingMetrics: Sendable {
    let admission: Admission
    let records: ChargeRecords
    let wallSeconds: @Sendable () -> Int64

    /// Declares the gauges and counters of the contract (docs/metrics.md).
    func declare(in registry: MetricRegistry) {
        declareBudgets(in: registry)
        declareReservations(in: registry)
        declareLedger(in: registry)
    }

    private func declareBudgets(in registry: MetricRegistry) {
        let labels: [LabelName] = ["team", "window"]
        budget(registry.observedGauge, "ai_budget_limit_usd", "Spending limit of a budget window.", labels) {
            .picodollars($0.rule.limit.amount)
        }
        budget(registry.observedGauge, "ai_budget_spent_usd", "Money spent in a budget window.", labels) {
            .picodollars($0.spent.amount)
        }
        budget(registry.observedGauge, "ai_budget_reserved_usd", "Money reserved in a budget window.", labels) {
            .picodollars($0.reserved.amount)
        }
        budget(registry.observedGauge, "ai_budget_reset_timestamp_seconds", "When a budget window ends.", labels) {
            .integer($0.bounds.endSeconds)
        }
        budget(
            registry.observedGauge,
            "ai_budget_exposure_usd",
            "How much requests in progress can cost beyond their reservations.",
            labels
        ) {
            .picodollars($0.exposure.amount)
        }
        budget(registry.observedCounter, "ai_budget_overshoot_usd_total", "Money spent beyond the limit.", labels) {
            .picodollars($0.overshoot.amount)
        }
    }

    /// How to declare a family whose values are kept elsewhere.
    private typealias Declaration = (String, String, [LabelName], @escaping @Sendable (inout Readings) -> Void) -> Void

    private func budget(
        _ declare: Declaration,
        _ name: String,
        _ help: String,
        _ labels: [LabelName],
        _ value: @escaping @Sendable (BudgetStanding) -> Reading
    ) {
        let (admission, wallSeconds) = (admission, wallSeconds)
        declare(name, help, labels) { readings in
            for window in admission.standings(wallSeconds: wallSeconds()).named {
                readings.add(value(window.standing), window.team, window.name)
            }
        }
    }

    private func declareReservations(in registry: MetricRegistry) {
        let admission = admission
        registry.observedCounter(
            "ai_reservation_leaks_total",
            help: "Reservations dropped without a settlement: each one is a bug in Steelyard."
        ) { $0.add(.integer(Int64(admission.counts.leaks))) }
        registry.observedGauge("ai_reservations", help: "Requests in progress that hold a reservation.") {
            $0.add(.integer(Int64(admission.counts.inFlight)))
        }
    }

    private func declareLedger(in registry: MetricRegistry) {
        guard let ledger = records.ledger else { return }
        registry.observedCounter("ai_ledger_entries_total", help: "Entries added to the ledger since the start.") {
            $0.add(.integer(Int64(ledger.standing.entries)))
        }
        registry.observedCounter("ai_ledger_failures_total", help: "Failed writes to the journal or the ledger.") {
            $0.add(.integer(Int64(ledger.standing.failures + ledger.journal.standing.failures)))
        }
        registry.observedGauge("ai_ledger_queue_length", help: "Records in the journal that are not in the ledger yet.")
        {
            $0.add(.integer(Int64(ledger.standing.queueLength)))
        }
        let records = records
        registry.observedGauge(
            "ai_ledger_failing",
            help: "Whether writing the journal or the ledger fails at the moment: 1, else 0."
        ) {
            $0.add(.integer(records.recording.isFailing || records.fileFailure != nil ? 1 : 0))
        }
        registry.observedCounter(
            "ai_unrecorded_requests_total",
            help: "Requests that passed although their charge could not be recorded first."
        ) {
            $0.add(.integer(Int64(records.unrecordedCount)))
        }
        registry.observedGauge("ai_journal_bytes", help: "Size of the journal.") {
            $0.add(.integer(Int64(ledger.journal.standing.bytes)))
        }
        registry.observedCounter(
            "ai_ledger_lost_records_total",
            help: "Records lost because the journal could not be written for too long."
        ) {
            $0.add(.integer(Int64(ledger.journal.standing.lostRecords)))
        }
    }
}

/// A budget window with its name in metrics and reports.
struct NamedWindow {
    let team: String
    let name: String
    let standing: BudgetStanding
}

extension [BudgetStanding] {
    /// Every window with a unique name: two rules of one scope may have the same words.
    var named: [NamedWindow] {
        var seen: [String: Int] = [:]
        return map { standing in
            let name = standing.scope.windowPrefix + standing.rule.windowText
            let count = seen["\(standing.scope.teamLabel)/\(name)", default: 0] + 1
            seen["\(standing.scope.teamLabel)/\(name)"] = count
            let unique = count == 1 ? name : "\(name) #\(count)"
            return NamedWindow(team: standing.scope.teamLabel, name: unique, standing: standing)
        }
    }
}

extension BudgetScope {
    /// The value of the `team` label. The organization is no team, and no team's name contains a space.
    var teamLabel: String {
        switch self {
        case .organization: "all teams"
        case .team(let name), .key(let name, _): name
        }
    }

    fileprivate var windowPrefix: String {
        if case .key(_, let id) = self { "key \(id) " } else { "" }
    }
}
