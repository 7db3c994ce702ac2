import SteelyardPolicy

/// How long a client may take for the whole body of a request.
///
/// A limit on silence alone would let a client hold memory and budget for days by sending a byte at a time. So a body
/// must also arrive at a minimum pace, as with Apache's `RequestReadTimeout body=20,MinRate=500`, and must end in time.
/// Only time in which Steelyard waits for the client counts: a provider that takes an upload slowly costs the client no
/// time.
struct BodyPace: Sendable {
    /// The slowest pace. A file of 25 MB, the largest that transcriptions accept (OpenAI API reference, "Create
    /// transcription", 2026-11), takes half an hour at this pace.
    static let minimumBytesPerSecond: UInt64 = 16 * 1024
    /// The time limit for a whole body, as a multiple of the longest silence: an hour by default.
    static let totalFactor: UInt64 = 60

    private var byteCount: UInt64 = 0
    /// The time spent waiting for the client, without the current wait.
    private var waitedNanoseconds: UInt64 = 0
    private var waitsSince: Tick?

    /// More of the body has come.
    mutating func received(_ count: Int) { byteCount += UInt64(count) }

    /// Whether we wait for the client from now on.
    mutating func waits(_ waits: Bool, at now: Tick) {
        guard waits != (waitsSince != nil) else { return }
        if let waitsSince { waitedNanoseconds += now.nanoseconds(since: waitsSince) }
        waitsSince = waits ? now : nil
    }

    /// When the body will have taken too long, unless more of it comes; nil while Steelyard does not wait for the
    /// client.
    func deadline(silenceNanoseconds: UInt64) -> Tick? {
        guard let waitsSince else { return nil }
        let (seconds, rest) = byteCount.quotientAndRemainder(dividingBy: Self.minimumBytesPerSecond)
        let earned = seconds * 1_000_000_000 + rest * 1_000_000_000 / Self.minimumBytesPerSecond
        let (whole, overflows) = silenceNanoseconds.multipliedReportingOverflow(by: Self.totalFactor)
        let allowed = min(silenceNanoseconds.addingClamped(earned), overflows ? .max : whole)
        return waitsSince.advanced(byNanoseconds: allowed > waitedNanoseconds ? allowed - waitedNanoseconds : 0)
    }
}
