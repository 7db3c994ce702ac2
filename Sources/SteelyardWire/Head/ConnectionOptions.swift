/// What the lists of `Connection` say about this hop (RFC 9110 §7.6.1).
struct ConnectionOptions: Sendable {
    private(set) var saysClose = false
    private(set) var saysKeepAlive = false
    private(set) var namesUpgrade = false

    init() {}

    /// Reads all `Connection` fields.
    init(of fields: HeaderFields) {
        for index in 0..<fields.count where fields.isNamed("connection", at: index) {
            add(fields.bytes.span.extracting(fields.valueRange(at: index)))
        }
    }

    /// Reads the value of one `Connection` field.
    mutating func add(_ list: Span<UInt8>) {
        list.forEachListMember { option in
            switch option.count {
            case 5 where option.equals("close"): saysClose = true
            case 7 where option.equals("upgrade"): namesUpgrade = true
            case 10 where option.equals("keep-alive"): saysKeepAlive = true
            default: return
            }
        }
    }
}
