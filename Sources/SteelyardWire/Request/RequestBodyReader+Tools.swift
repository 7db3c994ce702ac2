extension RequestBodyReader {
    /// The tools: functions of the client's own, and those that the provider runs.
    mutating func readTools(_ bytes: Span<UInt8>) throws(BodyStop) {
        guard cursor.next(bytes) == .openBracket else {
            try cursor.value(bytes)
            return
        }
        let start = cursor.position
        var walk = try cursor.enter(.openBracket, bytes)
        while try cursor.nextElement(bytes, &walk) { try readTool(bytes) }
        facts.schemaByteCount &+= cursor.position - start
    }

    private mutating func readTool(_ bytes: Span<UInt8>) throws(BodyStop) {
        guard cursor.next(bytes) == .openBrace else {
            try cursor.value(bytes)
            return
        }
        var tool = HostedTool()
        var walk = try cursor.enter(.openBrace, bytes)
        while let key = try cursor.nextKey(bytes, &walk) { try readMember(key, of: &tool, bytes) }
        guard tool.type != "function", tool.type != "custom", tool.type != "" else { return }
        noteHostedTool(tool.type)
        facts.toolSettings.take(tool)
    }

    private mutating func readMember(
        _ key: QuotedText,
        of tool: inout HostedTool,
        _ bytes: Span<UInt8>
    ) throws(BodyStop) {
        if bytes.isText(key, "type") {
            tool.type = try readName(bytes) ?? tool.type
        } else if bytes.isText(key, "model") {
            tool.model = try readName(bytes)
        } else if bytes.isText(key, "container") || bytes.isText(key, "environment") {
            try readContainer(of: &tool, bytes)
        } else {
            try cursor.value(bytes)
        }
    }

    /// The id of a container, or what a new one shall be like.
    private mutating func readContainer(of tool: inout HostedTool, _ bytes: Span<UInt8>) throws(BodyStop) {
        guard cursor.next(bytes) == .openBrace else {
            tool.hasContainerID = try readString(bytes) != nil
            return
        }
        var walk = try cursor.enter(.openBrace, bytes)
        while let key = try cursor.nextKey(bytes, &walk) {
            if bytes.isText(key, "type") {
                tool.environment = try readName(bytes)
            } else if bytes.isText(key, "memory_limit") {
                tool.memory = try readName(bytes)
            } else {
                try cursor.value(bytes)
            }
        }
    }

    mutating func noteHostedTool(_ type: String) {
        if facts.hostedTools.count < RequestBody.hostedToolLimit { facts.hostedTools.append(type) }
    }
}
