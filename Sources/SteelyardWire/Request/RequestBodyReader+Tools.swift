/// The tools: the client's own functions, and the tools that the provider runs.
extension RequestBodyReader {
    /// Notes a member of a tool whose value is a string.
    mutating func takeTool(_ text: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        if bytes.isText(key, "type") {
            try noteTool(text, bytes)
        } else if bytes.isText(key, "model") {
            tool.model = bytes.string(text)
        } else if bytes.isText(key, "container") || bytes.isText(key, "environment") {
            tool.hasContainerID = true
        }
    }

    private mutating func noteTool(_ type: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        if bytes.isText(type, "function") || bytes.isText(type, "custom") { return }
        guard let type = bytes.string(type) else { return }
        tool.type = type
        try noteHostedTool(type)
    }

    mutating func noteHostedTool(_ type: String) throws(BodyStop) {
        if found.hostedTools.contains(type) { return }
        guard found.hostedTools.count < RequestBody.hostedToolLimit else { throw .defect(.tooManyTools) }
        found.hostedTools.append(type)
    }

    /// Notes what a new container shall be like.
    mutating func takeContainer(_ text: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(key, "type") {
            tool.environment = bytes.string(text)
        } else if bytes.isText(key, "memory_limit") {
            tool.memory = bytes.string(text)
        }
    }

    /// How an object or array within a tool is read.
    func openedInTool(isObject: Bool, _ bytes: Span<UInt8>) -> Context {
        let isContainer = bytes.isText(key, "container") || bytes.isText(key, "environment")
        return isObject && isContainer ? .container : .passed
    }

    mutating func endTool() {
        if !tool.type.isEmpty { found.toolSettings.take(tool) }
    }
}
