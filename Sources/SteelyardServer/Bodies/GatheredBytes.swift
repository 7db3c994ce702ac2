import NIOCore
import SteelyardWire

/// Bytes of a request's body that are in memory, counted in the budget as they come.
struct GatheredBytes {
    private(set) var bytes = ByteBuffer()
    /// The bytes taken from the budget, which must be given back.
    private var budgetedBytes = 0

    /// How many bytes have come, also after they were let go of.
    private(set) var count = 0

    /// Appends a piece; false if there is no room for it. What a client only announces takes no room.
    mutating func append(_ piece: ByteBuffer, within budget: GatherBudget) -> Bool {
        guard budget.take(piece.readableBytes) else { return false }
        budgetedBytes += piece.readableBytes
        keep(piece)
        return true
    }

    /// Appends a piece without asking for room.
    mutating func keep(_ piece: ByteBuffer) {
        count += piece.readableBytes
        // Nearly every body comes in one piece, which is kept as it is.
        if bytes.readableBytes == 0 { bytes = piece } else { bytes.writeImmutableBuffer(piece) }
    }

    /// Drops the bytes, and gives their room back.
    mutating func letGo(within budget: GatherBudget) {
        bytes = ByteBuffer()
        budget.giveBack(budgetedBytes)
        budgetedBytes = 0
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
