import NIOCore

/// The function call that an answer contains instead of text.
struct ToolCall: Sendable {
    let id: String
    let name: String
    /// JSON text.
    let arguments: String

    /// The tool call in answer to a chat request: the request has tools, allows calls, and contains no result of a
    /// tool.
    init?(chat object: JSONObject, _ directives: Directives, _ provider: SimulatedProvider) {
        let tools = (object["tools"]?.elements ?? []).compactMap { $0["function"] }
        let bringsResult = object["messages"]?.elements.last?["role"]?.string == "tool"
        self.init(tools: tools, of: object, isDue: !bringsResult, directives, provider)
    }

    /// The call of the first tool, or of the tool that the directives name, even if the request does not offer it.
    init?(
        tools: [JSONNode],
        of object: JSONObject,
        isDue: Bool,
        _ directives: Directives,
        _ provider: SimulatedProvider
    ) {
        guard isDue, object["tool_choice"]?.string != "none",
            let name = directives.toolCall ?? tools.first?["name"]?.string
        else { return nil }
        let tool = tools.first { $0["name"]?.string == name }
        self.name = name
        id = provider.newID("call_", within: directives.id)
        arguments = directives.toolArguments ?? ExampleJSON.object(for: tool?["parameters"])
    }

    /// How many pieces a stream cuts the arguments into: one per token.
    var pieceCount: Int { tokens }
    var tokens: Int { TokenRule.tokens(bytes: arguments.utf8.count) }

    /// A part of the arguments: four bytes, adjusted to the start of a character.
    func piece(_ index: Int) -> String {
        let bytes = Array(arguments.utf8)
        func boundary(_ position: Int) -> Int {
            var position = min(position, bytes.count)
            while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
            return position
        }
        return String(decoding: bytes[boundary(index * 4)..<boundary(index * 4 + 4)], as: UTF8.self)
    }

    /// Appends the call as in a plain answer.
    func write(to body: inout ByteBuffer) {
        body.append(#"{"id":"#)
        body.append(quoted: id)
        body.append(#","type":"function","function":{"name":"#)
        body.append(quoted: name)
        body.append(#","arguments":"#)
        body.append(quoted: arguments)
        body.append("}}")
    }
}

/// The smallest JSON that a JSON Schema accepts, so that an application's own validation accepts a made-up call.
enum ExampleJSON {
    /// An object with every property of the schema.
    static func object(for schema: JSONNode?, depth: Int = 0) -> String {
        let properties = schema?["properties"]?.members ?? []
        let members = properties.map { name, schema in quoted(name) + ":" + value(for: schema, depth: depth + 1) }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func value(for schema: JSONNode, depth: Int) -> String {
        if let constant = schema["const"] ?? schema["enum"]?.elements.first ?? schema["default"] { return constant.raw }
        if let alternative = schema["anyOf"]?.elements.first { return value(for: alternative, depth: depth + 1) }
        switch schema["type"]?.string ?? schema["type"]?.elements.first?.string {
        case "integer", "number": return schema["minimum"]?.raw ?? "1"
        case "boolean": return "true"
        case "array": return "[]"
        case "null": return "null"
        case "object" where depth < 8: return object(for: schema, depth: depth)
        case "object": return "{}"
        default: return "\"steelyard\""
        }
    }

    private static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.append(quoted: text)
        return String(buffer: buffer)
    }
}
