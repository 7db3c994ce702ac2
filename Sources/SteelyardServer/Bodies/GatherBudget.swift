import Synchronization

/// Counts the bytes of all request bodies held in memory and refuses more than the limit.
///
/// Without it, clients could hold 10 000 connections times 64 MiB (`server.limits.gather_bytes`).
public final class GatherBudget: Sendable {
    private let limitBytes: Int
    private let heldBytes = Atomic<Int>(0)

    /// Makes a budget shared by all connections.
    public init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// Takes room for `byteCount` more bytes; false if that would exceed the limit (then it takes nothing).
    func take(_ byteCount: Int) -> Bool {
        let (_, held) = heldBytes.add(byteCount, ordering: .relaxed)
        if held <= limitBytes { return true }
        heldBytes.subtract(byteCount, ordering: .relaxed)
        return false
    }

    /// The bytes that are taken now.
    var takenBytes: Int { heldBytes.load(ordering: .relaxed) }

    /// Gives room back.
    func giveBack(_ byteCount: Int) { heldBytes.subtract(byteCount, ordering: .relaxed) }
}
