import NIOCore
import SteelyardCoding
import SteelyardExchange

/// The events of one transfer in one worker round; adjacent pieces of the answer become one.
struct TransferOutbox {
    private var events: [TransferEvent] = []
    private var piece = ByteBuffer()
    private var decoder: ContentDecoder?
    private var hasToldFailure = false

    /// From here on, pieces are also decoded.
    mutating func decodes(with decoder: ContentDecoder?) { self.decoder = decoder }

    /// Adds an event after everything that was added before.
    mutating func append(_ event: TransferEvent) {
        closePiece()
        if case .ended(let end) = event, end.failure == nil, decoder?.isWhole == false { tellFailure() }
        events.append(event)
    }

    /// Adds bytes of the answer. They are copied, because libcurl's buffer is valid only during the callback.
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
        let decoded = decoder?.decode(piece)
        if decoder?.hasFailed == true { tellFailure() }
        events.append(.piece(raw: piece, decoded: decoded))
        piece = ByteBuffer()
    }

    private mutating func tellFailure() {
        guard !hasToldFailure else { return }
        hasToldFailure = true
        events.append(.undecodable)
    }
}
