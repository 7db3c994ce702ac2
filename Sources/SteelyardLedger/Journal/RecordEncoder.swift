import SteelyardPolicy

/// Encodes records into bytes, one frame after another; ``JournalFormat`` describes the layout.
struct RecordEncoder {
    private(set) var bytes: [UInt8] = []
    /// How many records ``bytes`` has.
    private(set) var records = 0

    /// Starts without records.
    init() {}

    /// Encodes a batch.
    init(_ records: some Collection<ChargeRecord>) { encode(records) }

    /// Encodes a batch in place of everything before, into the same memory.
    mutating func encode(_ batch: some Collection<ChargeRecord>) {
        bytes.removeAll(keepingCapacity: true)
        records = 0
        // A settlement with a typical usage object takes about 500 bytes.
        bytes.reserveCapacity(batch.count * 640)
        for record in batch { add(record) }
    }

    /// Adds what another encoder has.
    mutating func append(_ other: RecordEncoder) {
        bytes += other.bytes
        records += other.records
    }

    /// Adds a record.
    mutating func add(_ record: ChargeRecord) {
        records += 1
        let start = bytes.count
        add(fixed: UInt64(0))
        bytes.append(JournalFormat.version)
        switch record {
        case .opened(let opening):
            add(.opened)
            add(opening)
        case .grown(let opening):
            add(.grown)
            add(opening)
        case .deferred(let deferral):
            add(.deferred)
            add(deferral)
        case .settled(let settlement):
            add(.settled)
            add(settlement)
        case .released(let charge):
            add(.released)
            add(charge)
        }
        seal(from: start)
    }

    /// Fills in the length and the checksum in front of a payload.
    private mutating func seal(from start: Int) {
        let length = UInt32(bytes.count - start - JournalFormat.frameBytes)
        bytes.withUnsafeMutableBytes { bytes in
            let frame = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            frame.storeBytes(of: length.littleEndian, as: UInt32.self)
            frame.storeBytes(of: FrameChecksum.of(frame: .init(frame)).littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    private mutating func add(_ kind: JournalFormat.Kind) { bytes.append(kind.rawValue) }

    private mutating func add(_ charge: ChargeID) {
        add(fixed: charge.high)
        add(fixed: charge.low)
    }

    private mutating func add(_ opening: ChargeOpening) {
        add(opening.charge)
        add(opening.team)
        add(opening.key)
        add(opening.model)
        add(opening.endpoint)
        add(opening.provider)
        add(opening.hold.amount)
        add(opening.openedAtSeconds)
    }

    private mutating func add(_ deferral: ChargeDeferral) {
        add(deferral.opening)
        add(deferral.jobID)
        add(optional: deferral.work.textBytes)
        add(deferral.work.countedTokens)
        add(optional: deferral.work.outputLimit)
        add(deferral.work.writesCacheLong)
    }

    private mutating func add(_ settlement: ChargeSettlement) {
        add(settlement.opening)
        add(Int64(settlement.part))
        add(settlement.model)
        add(settlement.cost.amount)
        add(settlement.confidence.rawValue)
        add(settlement.reason)
        add(settlement.tier.rawValue)
        add(settlement.priceBook)
        add(settlement.meters)
        add(UInt64(settlement.usage.count))
        bytes.append(contentsOf: settlement.usage)
        add(settlement.settledAtSeconds)
    }

    /// The quantities that are not 0, each after the name of its meter.
    private mutating func add(_ meters: Meters) {
        add(meters.promptTokens)
        add(meters.isInconsistent)
        let measured = meters.measured
        let tools = ToolCounts.counts(of: meters, name: \.column)
        add(UInt64(measured.count + tools.count))
        for (meter, quantity) in measured {
            add(meter.column)
            add(quantity)
        }
        for (name, count) in tools {
            add(name)
            add(count)
        }
    }

    private mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            add(UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    private mutating func add(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    private mutating func add(optional value: Int64?) {
        add(value != nil)
        if let value { add(value) }
    }

    private mutating func add(_ value: Int64) { add(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private mutating func add(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func add(fixed word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The checksum in a frame. It also detects a wrong length, because then it is the checksum of other bytes.
enum FrameChecksum {
    /// - Parameter frame: Length, checksum and payload. Only the payload is summed.
    static func of(frame: UnsafeRawBufferPointer) -> UInt32 {
        CRC32C.checksum(UnsafeRawBufferPointer(rebasing: frame[JournalFormat.frameBytes...]))
    }
}
