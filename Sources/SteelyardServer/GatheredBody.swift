import NIOCore
import SteelyardUpstream
import SteelyardWire

/// The body of a request that is read before it is sent.
struct GatheredBody {
    /// The second piece makes room for up to this much of an announced length. Room for the rest is made as it comes,
    /// so that an announcement alone takes no memory.
    private static let eagerLimitBytes = 1 << 20
    private(set) var bytes = ByteBuffer()
    /// The bytes taken from the budget, which must be given back.
    private(set) var budgetedBytes = 0

    /// How many bytes have come.
    var byteCount: Int { bytes.readableBytes }

    /// Takes the announced length from the budget; false if there is no room.
    mutating func reserve(_ byteCount: Int, within budget: GatherBudget) -> Bool {
        guard budget.take(byteCount) else { return false }
        budgetedBytes = byteCount
        return true
    }

    /// Appends a piece; false if it exceeds the announced length and there is no room for it.
    mutating func append(_ piece: ByteBuffer, within budget: GatherBudget) -> Bool {
        let missing = bytes.readableBytes + piece.readableBytes - budgetedBytes
        if missing > 0 {
            guard budget.take(missing) else { return false }
            budgetedBytes += missing
        }
        join(piece)
        return true
    }

    /// Nearly every body comes in one piece, which is kept as it is.
    private mutating func join(_ piece: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return bytes = piece }
        if bytes.capacity < Self.eagerLimitBytes { bytes.reserveCapacity(min(budgetedBytes, Self.eagerLimitBytes)) }
        bytes.writeImmutableBuffer(piece)
    }

    /// Drops the bytes. Their room in the budget is given back at the end of the exchange, because the worker may not
    /// have sent all of them yet.
    mutating func letGo() { bytes = ByteBuffer() }

    /// Hands over the bytes that have come; they stay in memory until the worker has sent them.
    mutating func handOver() -> ByteBuffer {
        defer { letGo() }
        return bytes
    }

    /// The body as it is sent, with the edit if there is one.
    func upstreamBody(editedBy edit: ByteEdit?) -> UpstreamBody {
        .gathered(edit.map { bytes.edited(by: $0) } ?? bytes)
    }
}

extension ByteBuffer {
    /// The bytes with the change made.
    func edited(by edit: ByteEdit) -> ByteBuffer {
        var edited = ByteBuffer()
        edited.reserveCapacity(readableBytes + edit.replacement.count)
        let view = readableBytesView
        edited.writeBytes(view[view.startIndex..<(view.startIndex + edit.range.lowerBound)])
        edited.writeBytes(edit.replacement)
        edited.writeBytes(view[(view.startIndex + edit.range.upperBound)...])
        return edited
    }
}
