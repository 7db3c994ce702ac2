import Synchronization

/// Whether charges can be recorded at the moment. The owner of the journal sets it, and every admission reads it.
public final class Recording: Sendable {
    private let failing = Atomic<Bool>(false)

    /// Starts as working.
    public init() {}

    /// Whether the last attempt to write failed and none has succeeded since.
    public var isFailing: Bool { failing.load(ordering: .relaxed) }

    /// Notes whether an attempt to write failed.
    ///
    /// - Returns: whether the state has changed.
    @discardableResult
    public func note(isFailing: Bool) -> Bool { failing.exchange(isFailing, ordering: .relaxed) != isFailing }
}

/// Which requests pass while charges cannot be recorded (`ledger.on_failure`).
public enum UnrecordedRequests: String, Hashable, Sendable, CaseIterable {
    /// Requests with a blocking budget are refused. The others pass and are counted as unrecorded.
    case refuseBudgeted = "refuse_budgeted"
    /// Every request that can cost money is refused.
    case refuseAll = "refuse_all"
    /// Every request passes and is counted as unrecorded.
    case allow
}
