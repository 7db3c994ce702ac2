/// Why a transfer ended without a whole answer.
public enum TransferFailure: Hashable, Sendable {
    /// Name lookup, connection, proxy tunnel or TLS failed: nothing was sent.
    case unreachable
    /// The request (or part of it) was sent, and no whole answer head came: the outcome is unknown.
    case noAnswer
    /// The answer broke HTTP: see ``TransferEnd/detail``.
    case malformed
    /// The answer began and broke off.
    case truncated
    /// The owner cancelled it.
    case cancelled
}

/// How a transfer ended; the last event of every transfer.
public struct TransferEnd: Hashable, Sendable {
    /// Nil when the answer is complete.
    public var failure: TransferFailure?
    /// Whether any byte of the request may have reached the provider: it may have cost money.
    public var reachedProvider: Bool
    /// What happened, for the log: no URL, no header values.
    public var detail: String

    /// Makes an end.
    public init(failure: TransferFailure?, reachedProvider: Bool, detail: String = "") {
        self.failure = failure
        self.reachedProvider = reachedProvider
        self.detail = detail
    }
}

extension TransferEnd {
    /// Whose fault it is; nil when the answer is whole. If a transfer was cancelled and the exchange has no reason of
    /// its own for that, the process was ending.
    var error: ExchangeError? {
        switch failure {
        case nil: nil
        case .unreachable, .noAnswer: .upstreamUnreachable
        case .malformed: .upstreamMalformed
        case .truncated: .upstreamTruncated
        case .cancelled: .gatewayOverloaded
        }
    }
}
