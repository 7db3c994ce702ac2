import NIOCore

/// What an endpoint answers: a status and a body, not yet bytes on a connection.
struct Answer: Sendable {
    var status = 200
    var contentType: String
    var headers: [(name: String, value: String)] = []
    /// The body; a stream has one piece for each event.
    var pieces: [ByteBuffer]
    var isStream = false
    /// The piece after which the peer has seen the usage.
    var usagePiece: Int?
    var facts = AnswerFacts()

    /// The length of the body in bytes.
    var byteCount: Int { pieces.reduce(0) { $0 + $1.readableBytes } }

    /// A JSON body that is one piece.
    static func json(_ body: ByteBuffer, facts: AnswerFacts = AnswerFacts()) -> Answer {
        Answer(
            contentType: "application/json",
            pieces: [body],
            usagePiece: facts.usage == nil ? nil : 0,
            facts: facts
        )
    }
}

/// What the witness log keeps of an answer.
struct AnswerFacts: Sendable {
    var id: String?
    var model: String?
    var tier: String?
    /// What the answer says was used, and what a provider would bill even if the peer leaves before reading it.
    var usage: Usage?
    /// Whether an earlier answer has reported this usage already.
    var isReread = false
}
