import Synchronization

/// Whether charges can be put on record at the moment: written by who keeps the journal, read at every admission.
public final class Recording: Sendable {
    private let failing = Atomic<Bool>(false)

    /// Starts as sound.
    public init() {}

    /// Whether the last attempt to write failed, and none has succeeded since.
    public var isFailing: Bool { failing.load(ordering: .relaxed) }

    /// Notes what became of an attempt to write.
    ///
    /// - Returns: whether that is news.
    @discardableResult
    public func note(isFailing: Bool) -> Bool { failing.exchange(isFailing, ordering: .relaxed) != isFailing }
}

/// Who is served while charges cannot be put on record (`ledger.on_failure`).
public enum UnrecordedRequests: String, Hashable, Sendable, CaseIterable {
    /// Requests with a blocking budget are refused; the others pass, and are counted as unrecorded.
    case refuseBudgeted = "refuse_budgeted"
    /// Every request that can cost money is refused.
    case refuseAll = "refuse_all"
    /// Everybody, counted as unrecorded.
    case allow
}
