import NIOCore

/// The events of one transfer in one worker round; adjacent pieces of the answer become one.
struct TransferOutbox {
    private var events: [TransferEvent] = []
    private var piece = ByteBuffer()
    private var decoder: ContentDecoder?

    /// From here on pieces are also decoded.
    mutating func decodes(with decoder: ContentDecoder?) { self.decoder = decoder }

    /// Adds an event after everything that was added before.
    mutating func append(_ event: TransferEvent) {
        closePiece()
        events.append(event)
    }

    /// Adds bytes of the answer; libcurl's buffer is only lent, hence the copy.
    mutating func append(_ bytes: UnsafeRawBufferPointer) { piece.writeBytes(bytes) }

    /// Takes everything out.
    mutating func take() -> [TransferEvent] {
        closePiece()
        let taken = events
        events = []
        return taken
    }

    private mutating func closePiece() {
        guard piece.readableBytes > 0 else { return }
        events.append(.piece(raw: piece, decoded: decoder?.decode(piece)))
        piece = ByteBuffer()
    }
}
