/// The kinds of output items that are billed per call, or that show which work was done.
public enum OutputItemKind: Int, Sendable, CaseIterable {
    case webSearchCall, fileSearchCall, codeInterpreterCall, imageGenerationCall, functionCall, customToolCall
    case computerCall, mcpCall, shellCall

    /// The kind as `output[].type` spells it.
    public var name: StaticString {
        switch self {
        case .webSearchCall: "web_search_call"
        case .fileSearchCall: "file_search_call"
        case .codeInterpreterCall: "code_interpreter_call"
        case .imageGenerationCall: "image_generation_call"
        case .functionCall: "function_call"
        case .customToolCall: "custom_tool_call"
        case .computerCall: "computer_call"
        case .mcpCall: "mcp_call"
        case .shellCall: "shell_call"
        }
    }

    init?(_ name: AnswerText) {
        guard let kind = Self.allCases.first(where: { name.equals($0.name) }) else { return nil }
        self = kind
    }
}

/// How many output items of each kind ran. Fees apply to items that ran, never to tools that were offered, and
/// among search items only to real searches.
public struct OutputItemCounts: Sendable, Equatable {
    /// One lane per kind. Every answer has counts and most of them are zero, so they need no allocation.
    private var counts = SIMD16<Int32>()

    /// How many distinct containers code and shell commands ran in, counting the first 16: sessions are billed, not
    /// calls. Code always runs in one, whether or not the answer names it.
    public var containerCount: Int { max(containers.count, self[.codeInterpreterCall] > 0 ? 1 : 0) }

    private var containers: [[UInt8]] = []

    /// Makes counts of zero.
    public init() {}

    /// The items of one kind.
    public subscript(kind: OutputItemKind) -> Int { Int(counts[kind.rawValue]) }

    /// Counts one item, if its kind's fee applies to it.
    mutating func add(_ kind: OutputItemKind, _ item: AnswerCall) {
        guard item.isBilled(as: kind) else { return }
        counts[kind.rawValue] &+= 1
        if kind == .codeInterpreterCall || kind == .shellCall, !item.container.isEmpty { add(item.container.bytes) }
    }

    private mutating func add(_ container: [UInt8]) {
        if containers.count < 16, !containers.contains(container) { containers.append(container) }
    }

    /// Takes the larger count of each kind: a stream states every item twice, when it is done and in the final list.
    mutating func formUnion(_ other: OutputItemCounts) {
        counts = pointwiseMax(counts, other.counts)
        for container in other.containers { add(container) }
    }
}

extension AnswerCall {
    /// Whether the fee of its kind applies to the item.
    ///
    /// OpenAI's guide ("Web search", 2026-11): search actions incur a tool call cost. Opening a page and searching
    /// within it produce items of the same type, and are free. An item without an action is a search: older models name
    /// none.
    fileprivate func isBilled(as kind: OutputItemKind) -> Bool {
        switch kind {
        case .webSearchCall: (action.isEmpty || action.equals("search")) && !status.equals("failed")
        case .fileSearchCall: !status.equals("failed")
        default: true
        }
    }
}
