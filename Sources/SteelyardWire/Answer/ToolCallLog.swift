/// The tool calls an answer asks for, gathered from whole calls and from streamed fragments.
struct ToolCallLog: Sendable {
    /// How many calls are kept; further calls are dropped.
    static let limit = 64
    /// The length, in bytes, of the longest id or name kept; a longer one counts as missing.
    static let textLimit = 128

    private struct Entry: Sendable {
        var id: [UInt8]
        var name: [UInt8]
        var choice: Int
        var index: Int?
    }

    private var entries: [Entry] = []

    /// The calls that have a name.
    var calls: [ToolCall] {
        entries.lazy.filter { !$0.name.isEmpty }.map {
            ToolCall(id: String(decoding: $0.id, as: UTF8.self), name: String(decoding: $0.name, as: UTF8.self))
        }
    }

    /// Takes a call or a fragment of one.
    ///
    /// Fragments belong to the same call if they have the same id, or else the same place (choice, index). OpenAI sends
    /// id and name once, in the first fragment; other providers repeat the id, or send the name later.
    mutating func take(id: AnswerText, name: AnswerText, choice: Int, index: Int?) {
        let id = Self.bounded(id)
        let name = Self.bounded(name)
        guard !id.isEmpty || !name.isEmpty else { return }
        if let known = position(id: id, choice: choice, index: index) {
            if entries[known].id.isEmpty { entries[known].id = id }
            if !name.isEmpty { entries[known].name = name }
        } else if entries.count < Self.limit {
            entries.append(Entry(id: id, name: name, choice: choice, index: index))
        }
    }

    private static func bounded(_ text: AnswerText) -> [UInt8] {
        text.isEmpty || text.bytes.count > textLimit ? [] : text.bytes
    }

    private func position(id: [UInt8], choice: Int, index: Int?) -> Int? {
        if !id.isEmpty, let known = entries.firstIndex(where: { $0.id == id }) { return known }
        guard let index else { return nil }
        return entries.lastIndex { entry in
            entry.choice == choice && entry.index == index && (id.isEmpty || entry.id.isEmpty)
        }
    }
}
