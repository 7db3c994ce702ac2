import NIOCore
import SteelyardCoding
import SteelyardExchange
import SteelyardWire

/// A gathered body that came in a coding: the copy of it that is read, and the edited one that is sent in its place.
///
/// Both are made when all of the body has come, so that a sender that takes its time holds no decoder's memory, and a
/// slice at a time, so that other requests of the loop are not kept waiting.
struct CodedBody {
    private let coding: ContentCoding
    private var decoder: BodyDecoder?
    private var encoder: BodyEncoder?
    /// The copy that was decoded, as far as it is there.
    private(set) var readable = ByteBuffer()
    /// What became of it; nil while it is being decoded.
    private(set) var copy: BodyCopy?
    /// The body with the edit made, in the coding it came in; nil when none is to be made.
    private(set) var edited: ByteBuffer?
    /// What has been taken from the budget for all this.
    private(set) var budgetedBytes = 0

    /// Begins; nil for a body that is not coded.
    init?(_ coding: ContentCoding) {
        guard coding != .identity else { return nil }
        self.coding = coding
    }

    /// Decodes the next slice of `body`; false when there is no room.
    mutating func decode(_ body: ByteBuffer, limitBytes: Int, within budget: GatherBudget) -> Bool {
        if decoder == nil { decoder = BodyDecoder(coding, of: body, limitBytes: limitBytes) }
        guard let decoder else {
            copy = .unreadable
            return true
        }
        // Let go of before the decoder writes, or it would have to copy.
        readable = ByteBuffer()
        note(decoder.advance())
        readable = decoder.decoded
        return take(decoder.workingBytes + readable.readableBytes, within: budget)
    }

    private mutating func note(_ progress: BodyDecoder.Progress) {
        switch progress {
        case .more: break
        case .decoded: copy = .whole
        case .tooLarge: copy = .tooLarge
        case .broken: copy = .broken
        }
    }

    /// Codes the next slice of the edited body; true when there is more, nil when it cannot be made.
    mutating func encode(_ edit: ByteEdit) -> Bool? {
        if encoder == nil { encoder = BodyEncoder(coding, of: readable.edited(by: edit)) }
        guard let isMore = encoder?.advance() else { return nil }
        if !isMore { edited = encoder?.coded }
        return isMore
    }

    /// Nothing is read any more: only what is to be sent is kept.
    mutating func letGo(within budget: GatherBudget) {
        (decoder, encoder) = (nil, nil)
        readable = ByteBuffer()
        budget.giveBack(budgetedBytes)
        budgetedBytes = 0
    }

    private mutating func take(_ byteCount: Int, within budget: GatherBudget) -> Bool {
        let missing = byteCount - budgetedBytes
        guard missing > 0 else { return true }
        guard budget.take(missing) else { return false }
        budgetedBytes = byteCount
        return true
    }
}
