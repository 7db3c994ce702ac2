import NIOCore

/// How long a client may take for the whole body of a request.
///
/// A limit on silence alone would let a client hold memory and budget for days by sending a byte at a time. So a body
/// must also arrive at a minimum pace, as with Apache's `RequestReadTimeout body=20,MinRate=500`, and must end in time.
/// Only time in which Steelyard waits for the client counts: a provider that takes an upload slowly costs the client no
/// time.
struct BodyPace {
    /// The slowest pace. A file of 25 MB, the largest that transcriptions accept (OpenAI API reference, "Create
    /// transcription", 2026-11), takes half an hour at this pace.
    static let minimumBytesPerSecond: Int64 = 16 * 1024
    /// The time limit for a whole body, as a multiple of the longest silence: an hour by default.
    static let totalFactor: Int64 = 60

    private var byteCount: Int64 = 0
    /// The time spent waiting for the client, without the current wait.
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

    /// When the body will have taken too long, unless more of it comes; nil while Steelyard does not wait for the
    /// client.
    func deadline(silence: TimeAmount) -> NIODeadline? {
        guard let waitsSince else { return nil }
        let (seconds, rest) = byteCount.quotientAndRemainder(dividingBy: Self.minimumBytesPerSecond)
        let earned = TimeAmount.seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / Self.minimumBytesPerSecond)
        return waitsSince + (min(silence + earned, Self.totalFactor * silence) - waited)
    }
}
