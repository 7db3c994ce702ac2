import Synchronization

/// How many bytes of an answer were handed over and not yet taken by the client, and whether the transfer waits for
/// that amount to fall.
///
/// Both live in one atomic word (bit 0: waiting, the rest: the amount), which is why no wake-up can be lost: the worker
/// sets the bit by compare-and-swap on a word that says "above the limit", so every decrease that follows sees the bit;
/// the decrease that brings the amount under half clears it by compare-and-swap, and exactly one does.
final class Credit: Sendable {
    /// Beyond this many bytes the transfer waits: the default high-water mark of a NIO channel.
    static let limitBytes = 64 * 1024

    private let word = Atomic<Int>(0)

    /// Bytes handed over and not yet taken.
    var outstandingByteCount: Int { word.load(ordering: .relaxed) >> 1 }

    /// The worker hands over `byteCount` bytes.
    func delivered(_ byteCount: Int) {
        word.wrappingAdd(byteCount << 1, ordering: .relaxed)
    }

    /// Asked by the worker before it hands over more: true when it has to wait until ``consumed(_:)`` says otherwise.
    func mustWait() -> Bool {
        var seen = word.load(ordering: .relaxed)
        while seen >> 1 > Self.limitBytes {
            let (exchanged, current) = word.compareExchange(expected: seen, desired: seen | 1, ordering: .relaxed)
            if exchanged { return true }
            seen = current
        }
        return false
    }

    /// The owner's client took `byteCount` bytes; true when the worker waits and has to be told to go on.
    func consumed(_ byteCount: Int) -> Bool {
        var seen = word.wrappingSubtract(byteCount << 1, ordering: .relaxed).newValue
        while seen & 1 == 1, seen >> 1 < Self.limitBytes / 2 {
            let (exchanged, current) = word.compareExchange(expected: seen, desired: seen & ~1, ordering: .relaxed)
            if exchanged { return true }
            seen = current
        }
        return false
    }
}
