import NIOCore

/// How long a client may take for the whole body of a request.
///
/// A limit on silence alone lets a client hold memory and budget for days, a byte at a time. So a body must also keep a
/// pace, as Apache's `RequestReadTimeout body=20,MinRate=500` asks for, and be whole in the end. Only time in which we
/// wait for the client counts: a provider that takes an upload slowly costs the client nothing.
struct BodyPace {
    /// The slowest pace: a file of 25 MB, the largest that transcriptions take (OpenAI API reference, "Create
    /// transcription", 2026-11), takes half an hour at it.
    static let minimumBytesPerSecond: Int64 = 16 * 1024
    /// The time for a whole body, in times that a client may be silent: an hour by default.
    static let totalFactor: Int64 = 60

    private var byteCount: Int64 = 0
    /// Time that was waited for the client, but for the wait that lasts.
    private var waited = TimeAmount.zero
    private var waitsSince: NIODeadline?

    /// More of the body has come.
    mutating func received(_ count: Int) { byteCount += Int64(count) }

    /// Whether we wait for the client from now on.
    mutating func waits(_ waits: Bool, at now: NIODeadline) {
        guard waits != (waitsSince != nil) else { return }
        if let waitsSince { waited = waited + (now - waitsSince) }
        waitsSince = waits ? now : nil
    }

    /// When the body has taken too long, unless more of it comes; nil while we do not wait for the client.
    func deadline(silence: TimeAmount) -> NIODeadline? {
        guard let waitsSince else { return nil }
        let (seconds, rest) = byteCount.quotientAndRemainder(dividingBy: Self.minimumBytesPerSecond)
        let earned = TimeAmount.seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / Self.minimumBytesPerSecond)
        return waitsSince + (min(silence + earned, Self.totalFactor * silence) - waited)
    }
}
