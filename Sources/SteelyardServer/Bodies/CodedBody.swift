import NIOCore
import SteelyardCoding
import SteelyardExchange
import SteelyardWire

/// A gathered body with a content coding: the decoded copy that Steelyard reads, and the edited body that is sent
/// instead of the original.
///
/// Both are made when the whole body has come, so that a slow sender does not hold a decoder's memory. They are made
/// one slice at a time, so that other requests of the loop do not wait.
struct CodedBody {
    private let coding: ContentCoding
    private var decoder: BodyDecoder?
    private var encoder: BodyEncoder?
    /// The decoded copy so far.
    private(set) var readable = ByteBuffer()
    /// The result of decoding; nil until it has ended.
    private(set) var copy: BodyCopy?
    /// The edited body, in the coding in which the original came; nil if no edit is made.
    private(set) var edited: ByteBuffer?
    /// The bytes that all of this takes from the budget.
    private(set) var budgetedBytes = 0

    /// Starts; nil for a body that is not coded.
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
        // Released before the decoder writes; otherwise the decoder would have to copy its buffer.
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

    /// Encodes the next slice of the edited body; true if there is more, nil if encoding fails.
    mutating func encode(_ edit: ByteEdit) -> Bool? {
        if encoder == nil { encoder = BodyEncoder(coding, of: readable.edited(by: edit)) }
        guard let isMore = encoder?.advance() else { return nil }
        if !isMore { edited = encoder?.coded }
        return isMore
    }

    /// Nothing is read any more: keeps only what is to be sent.
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
