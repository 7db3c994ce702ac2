import SteelyardPolicy

/// Why a payload cannot be read although its checksum is right.
enum RecordProblem: Error {
    /// A later version wrote it.
    case newer(version: UInt8)
    /// No version writes this.
    case malformed
}

/// Decodes one payload into a record.
struct RecordDecoder {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// Reads the payload in a range of a segment.
    static func record(_ bytes: [UInt8], at range: Range<Int>) throws(RecordProblem) -> ChargeRecord {
        var decoder = RecordDecoder(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        let record = try decoder.record()
        guard decoder.position == decoder.end else { throw .malformed }
        return record
    }

    private init(bytes: [UInt8], position: Int, end: Int) {
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    private mutating func record() throws(RecordProblem) -> ChargeRecord {
        let version = try byte()
        guard version <= JournalFormat.version else { throw .newer(version: version) }
        guard let kind = JournalFormat.Kind(rawValue: try byte()) else { throw .malformed }
        switch kind {
        case .opened: return .opened(try opening())
        case .grown: return .grown(try opening())
        case .deferred: return .deferred(try deferral())
        case .settled: return .settled(try settlement())
        case .released: return .released(try charge())
        }
    }

    private mutating func charge() throws(RecordProblem) -> ChargeID {
        ChargeID(high: try word(), low: try word())
    }

    private mutating func opening() throws(RecordProblem) -> ChargeOpening {
        ChargeOpening(
            charge: try charge(),
            team: try text(),
            key: try text(),
            model: try text(),
            endpoint: try text(),
            provider: try text(),
            hold: Picodollars(try integer()),
            openedAtSeconds: try integer()
        )
    }

    private mutating func deferral() throws(RecordProblem) -> ChargeDeferral {
        ChargeDeferral(
            opening: try opening(),
            jobID: try text(),
            work: RequestedWork(
                textBytes: try optional(),
                countedTokens: try integer(),
                outputLimit: try optional(),
                writesCacheLong: try flag()
            )
        )
    }

    private mutating func settlement() throws(RecordProblem) -> ChargeSettlement {
        ChargeSettlement(
            opening: try opening(),
            part: Int(try integer()),
            model: try text(),
            cost: Picodollars(try integer()),
            confidence: try known(Confidence(rawValue: try text())),
            reason: try text(),
            tier: try known(ServiceTier(rawValue: try text())),
            priceBook: try text(),
            meters: try meters(),
            usage: Array(bytes[try field()]),
            settledAtSeconds: try integer()
        )
    }

    /// Names are compared as bytes: creating a `String` for each name would allocate memory for some.
    private static let columns = Meter.allCases.map { (name: Array($0.column.utf8), meter: $0) }

    private mutating func meters() throws(RecordProblem) -> Meters {
        var meters = Meters(promptTokens: try integer())
        // Only a negative count marks meters as inconsistent. The real count replaces it below.
        if try flag() { meters[.input] = -1 }
        for _ in 0..<(try natural()) {
            let column = bytes[try field()]
            let quantity = try integer()
            if let meter = Self.columns.first(where: { $0.name.elementsEqual(column) })?.meter {
                meters[meter] = quantity
            } else {
                let name = String(decoding: column, as: UTF8.self)
                meters.add(try known(ToolCounts.work(name, quantity) { Meter(column: $0) }))
            }
        }
        return meters
    }

    private func known<Value>(_ value: Value?) throws(RecordProblem) -> Value {
        guard let value else { throw .malformed }
        return value
    }

    private mutating func text() throws(RecordProblem) -> String { String(decoding: bytes[try field()], as: UTF8.self) }

    /// The range of a field's bytes.
    private mutating func field() throws(RecordProblem) -> Range<Int> {
        let count = try natural()
        guard count <= UInt64(end - position) else { throw .malformed }
        let start = position
        position += Int(count)
        return start..<position
    }

    private mutating func byte() throws(RecordProblem) -> UInt8 {
        guard position < end else { throw .malformed }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func flag() throws(RecordProblem) -> Bool { try byte() != 0 }

    private mutating func optional() throws(RecordProblem) -> Int64? { try flag() ? try integer() : nil }

    private mutating func integer() throws(RecordProblem) -> Int64 {
        let value = try natural()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    private mutating func natural() throws(RecordProblem) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return value }
        }
        throw .malformed
    }

    private mutating func word() throws(RecordProblem) -> UInt64 {
        var word: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { word |= UInt64(try byte()) << shift }
        return word
    }
}
