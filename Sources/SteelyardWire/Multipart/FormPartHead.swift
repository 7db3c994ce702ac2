/// What the head of one part says; it is read line by line.
struct FormPartHead {
    /// The field that the part fills; nil for a file and for fields that decide nothing.
    private(set) var field: FormField?
    private(set) var isFile = false
    private var isNamed = false
    private var isCoded = false

    /// Takes a line without its line end.
    mutating func received(_ line: Span<UInt8>) throws(FormDefect) {
        // A folded line begins with white space, which no token has. Readers differ over which line it continues.
        guard let colon = line.firstIndex(of: .colon), colon > 0, line.extracting(0..<colon).isToken,
            !line.hasControl
        else { throw .partHead }
        let name = line.extracting(0..<colon)
        let value = line.extracting(line.trimmingOptionalSpace(in: (colon + 1)..<line.count))
        if name.equals("content-disposition") { try readDisposition(value) }
        if name.equals("content-transfer-encoding") { isCoded = isCoded || !value.isPlainTransfer }
    }

    /// Checks the whole head, after its blank line.
    func checkWhole() throws(FormDefect) {
        guard isNamed else { throw .partHead }
        // A file in place of a value, or a value in base64: some servers accept it and some do not (RFC 7578 §4.7).
        if field != nil, isFile || isCoded { throw .partHead }
    }

    private mutating func readDisposition(_ value: Span<UInt8>) throws(FormDefect) {
        let end = value.firstIndex(of: .semicolon) ?? value.count
        guard !isNamed, value.extracting(value.trimmingOptionalSpace(in: 0..<end)).equals("form-data") else {
            throw .partHead
        }
        var cursor = ParameterCursor(at: end)
        while let (name, text) = try cursor.next(value) {
            try readParameter(value.extracting(name), value.extracting(text))
        }
    }

    private mutating func readParameter(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(FormDefect) {
        // RFC 7578 §4.2 has no `name*`. A server that decodes it nevertheless would see another field.
        if name.equals("name*") { throw .partHead }
        if name.equals("filename") || name.equals("filename*") { isFile = true }
        guard name.equals("name") else { return }
        guard !isNamed else { throw .partHead }
        isNamed = true
        field = FormField(name: value)
        // Some servers remove the backslash and some do not. Neither kind may find a field that decides something.
        let unescaped = value.withoutEscapes
        if unescaped.count < value.count, field != nil || FormField(name: unescaped.span) != nil { throw .partHead }
    }
}

extension Span<UInt8> {
    /// The text of a quoted string (RFC 9110 §5.6.4).
    fileprivate var withoutEscapes: [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < count {
            if self[index] == .backslash, index + 1 < count { index += 1 }
            text.append(self[index])
            index += 1
        }
        return text
    }

    fileprivate var isToken: Bool { indices.allSatisfy { self[$0].isTokenCharacter } }

    fileprivate var hasControl: Bool { indices.contains { self[$0].isControl && self[$0] != .tab } }

    /// Whether a transfer encoding leaves the bytes as they are (RFC 2045 §6.2).
    fileprivate var isPlainTransfer: Bool { equals("binary") || equals("8bit") || equals("7bit") }
}
