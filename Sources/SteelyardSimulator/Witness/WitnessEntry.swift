/// One request as the simulated provider received it, and the answer that it sent.
///
/// Tests compare the gateway's counters with this.
public struct WitnessEntry: Sendable {
    /// How an answer ended.
    public enum Outcome: String, Sendable {
        /// The kernel took all of its bytes.
        case completed
        /// The peer closed or reset the connection before that.
        case peerLeft = "peer_left"
        /// The simulator broke it off, because of a directive.
        case brokenOff = "broken_off"
        /// The peer left before its request was complete, so there was no answer.
        case requestIncomplete = "request_incomplete"
        /// The data is not HTTP; the simulator answered 400.
        case requestMalformed = "request_malformed"
        /// The simulator was shut down first.
        case shutDown = "shut_down"
    }

    /// The number of the request among all, counted from 0 in order of arrival.
    public internal(set) var index = 0
    /// The connection it arrived on, counted from 1.
    public internal(set) var connection = 0
    /// Its number on that connection, counted from 1.
    public internal(set) var requestNumber = 0
    /// When it was complete, in nanoseconds of the monotonic clock.
    public internal(set) var receivedNanoseconds: UInt64 = 0
    /// The method; empty when the request was malformed.
    public internal(set) var method = ""
    /// The target as sent, query included; empty when the request was malformed.
    public internal(set) var target = ""
    /// The names of the header fields as sent, in order. Values are not kept.
    public internal(set) var headerNames: [String] = []
    /// The value of `x-stainless-retry-count`.
    public internal(set) var retryCount: Int?
    /// A fingerprint of the `authorization` value (64-bit FNV-1a), `nil` without one. The value is not kept.
    public internal(set) var credentialFingerprint: UInt64?
    /// The length of the body in bytes.
    public internal(set) var bodyByteCount = 0
    /// A fingerprint of the body (64-bit FNV-1a): equal bytes, equal fingerprints.
    public internal(set) var bodyFingerprint: UInt64 = 0
    /// The body itself, while all kept bodies fit into `SimulatorConfiguration.witnessBodyLimitBytes`.
    public internal(set) var body: [UInt8]?

    /// The status sent; `nil` when no status line of HTTP/1.1 was sent, or none yet.
    public internal(set) var status: Int?
    /// The answer's own id, `chatcmpl-…` or `resp_…`.
    public internal(set) var id: String?
    /// The model the answer named.
    public internal(set) var model: String?
    /// The service tier the answer named.
    public internal(set) var tier: String?
    /// Whether the answer repeats the result of an earlier one: a poll, a replay, a stored completion. Its usage is not
    /// a new charge.
    public internal(set) var isReread = false
    /// Whether the kernel took the bytes with the usage.
    public internal(set) var usageWasSent = false
    /// The bytes of the answer that were passed to the connection, including framing.
    public internal(set) var sentByteCount = 0
    /// How the answer ended; `nil` while it goes on.
    public internal(set) var outcome: Outcome?

    var reportedUsage: Usage?
    var generation = 0

    /// The usage object of the answer as JSON text: what a provider would bill, even if `usageWasSent` is false because
    /// the answer broke off before it. `nil` for answers without usage.
    public var usage: String? { reportedUsage?.text }

    /// Whether the request had an `authorization` field.
    public var hasAuthorization: Bool { credentialFingerprint != nil }
}
