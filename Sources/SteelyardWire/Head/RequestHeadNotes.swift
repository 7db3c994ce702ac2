/// What one pass over the fields of a request head found. It notes only fields that say something about the message or
/// its sender.
struct RequestHeadNotes {
    /// The fields of one name.
    struct Occurrence {
        var count = 0
        var first = 0

        fileprivate mutating func add(_ index: Int) {
            if count == 0 { first = index }
            count += 1
        }
    }

    /// The fields that say who is asking; each may come once.
    private struct Credentials: OptionSet {
        let rawValue: UInt8
        static let azureKey = Credentials(rawValue: 1 << 0)
        static let anthropicKey = Credentials(rawValue: 1 << 1)
        static let authorization = Credentials(rawValue: 1 << 2)
        static let googleKey = Credentials(rawValue: 1 << 3)
        static let team = Credentials(rawValue: 1 << 4)
    }

    private(set) var host = Occurrence()
    private(set) var contentLength = Occurrence()
    private(set) var transferEncoding = Occurrence()
    private(set) var hasExpectation = false
    /// Whether the client expects something other than `100-continue`.
    private(set) var hasUnknownExpectation = false
    private(set) var hasUpgrade = false
    private(set) var connection = ConnectionOptions()
    private var credentials = Credentials()

    /// Reads all fields; refuses values and names that two readers could disagree about.
    init(_ fields: HeaderFields) throws(RequestDefect) {
        for index in 0..<fields.count {
            let name = fields.bytes.span.extracting(fields.nameRange(at: index))
            let value = fields.bytes.span.extracting(fields.valueRange(at: index))
            let isASCII = try Self.checkValue(value)
            guard !Self.isMisspeltFraming(name) else { throw .underscoreName }
            guard !Self.overridesMethod(name) else { throw .methodOverride }
            let credential = Self.credential(name)
            guard credential.isEmpty || isASCII, credentials.isDisjoint(with: credential) else { throw .credential }
            credentials.formUnion(credential)
            try take(index, name, value, isASCII: isASCII)
        }
    }

    /// Notes a field. Names are told apart by their length first. Bytes beyond ASCII are refused where we act on the
    /// value: another reader may see another option in it.
    private mutating func take(
        _ index: Int,
        _ name: Span<UInt8>,
        _ value: Span<UInt8>,
        isASCII: Bool
    ) throws(RequestDefect) {
        switch name.count {
        case 4 where name.equals("host"): host.add(index)
        case 6 where name.equals("expect"):
            hasExpectation = true
            if !value.equals("100-continue") { hasUnknownExpectation = true }
        case 7 where name.equals("upgrade"):
            guard isASCII else { throw .fieldValue }
            hasUpgrade = true
        case 10 where name.equals("connection"):
            guard isASCII else { throw .fieldValue }
            connection.add(value)
        case 14 where name.equals("content-length"): contentLength.add(index)
        case 17 where name.equals("transfer-encoding"): transferEncoding.add(index)
        default: return
        }
    }

    /// Names that some readers take for the names of framing fields.
    private static func isMisspeltFraming(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 14: name.equals("content_length")
        case 17: name.equals("transfer_encoding")
        default: false
        }
    }

    /// Names that make some servers treat a request as one of another method: Google's servers for the first name, many
    /// frameworks for the others.
    private static func overridesMethod(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 13: name.equals("x-http-method")
        case 17: name.equals("x-method-override")
        case 22: name.equals("x-http-method-override")
        default: false
        }
    }

    private static func credential(_ name: Span<UInt8>) -> Credentials {
        switch name.count {
        case 7 where name.equals("api-key"): .azureKey
        case 9 where name.equals("x-api-key"): .anthropicKey
        case 13 where name.equals("authorization"): .authorization
        case 14 where name.equals("x-goog-api-key"): .googleKey
        case 16 where name.equals("x-steelyard-team"): .team
        default: []
        }
    }

    /// Refuses control characters, which a client library downstream of us would send on. Returns whether all is ASCII.
    private static func checkValue(_ value: Span<UInt8>) throws(RequestDefect) -> Bool {
        var isASCII = true
        var index = ByteSearch.endOfPrintableASCII(in: value, from: 0)
        while index < value.count {
            if value[index] >= 0x80 {
                isASCII = false
            } else if value[index] != .tab {
                throw .fieldValue
            }
            index = ByteSearch.endOfPrintableASCII(in: value, from: index + 1)
        }
        return isASCII
    }
}
