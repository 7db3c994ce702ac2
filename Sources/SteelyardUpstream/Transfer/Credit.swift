import Synchronization

/// Counts the bytes of an answer that were handed over and that the client has not taken yet. Also stores whether the
/// transfer waits for that number to fall.
///
/// Both are in one atomic word (bit 0: waiting, the other bits: the number), so no wake-up can be lost. The worker sets
/// the bit by compare-and-swap on a word that says "above the limit", so every later decrease sees the bit. The
/// decrease that brings the number below half of the limit clears the bit by compare-and-swap, and exactly one does.
final class Credit: Sendable {
    /// Above this many bytes the transfer waits: the default high-water mark of a NIO channel.
    static let limitBytes = 64 * 1024

    private let word = Atomic<Int>(0)

    /// Bytes handed over and not yet taken.
    var outstandingByteCount: Int { word.load(ordering: .relaxed) >> 1 }

    /// The worker hands over `byteCount` bytes.
    func delivered(_ byteCount: Int) {
        word.wrappingAdd(byteCount << 1, ordering: .relaxed)
    }

    /// Called by the worker before it hands over more: true if it has to wait until ``consumed(_:)`` returns true.
    func mustWait() -> Bool {
        var seen = word.load(ordering: .relaxed)
        while seen >> 1 > Self.limitBytes {
            let (exchanged, current) = word.compareExchange(expected: seen, desired: seen | 1, ordering: .relaxed)
            if exchanged { return true }
            seen = current
        }
        return false
    }

    /// The owner's client took `byteCount` bytes; true if the worker waits and has to be told to continue.
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
