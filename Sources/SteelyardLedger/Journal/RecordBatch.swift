import SteelyardPolicy

/// Records on their way into one write.
struct RecordBatch {
    let bytes: [UInt8]
    let records: Int
    let holdsOpening: Bool
    private let source: [ChargeRecord]

    init(_ records: [ChargeRecord]) {
        bytes = RecordEncoder(records).bytes
        self.records = records.count
        holdsOpening = records.contains(where: \.isOpening)
        source = records
    }

    /// What is to be written once it can be, when this batch was not: everything that closes a charge. A request whose
    /// opening is not on record does not leave; if a part of it reached the file all the same, it is taken back.
    var undone: [ChargeRecord] {
        source.map { record in
            guard case .opened(let opening) = record else { return record }
            return .released(opening.charge)
        }
    }
}

/// What closes charges and could not be written: kept until it can be.
struct UnwrittenRecords {
    /// A minute of a very busy gateway. What is beyond it is lost, and its charges count at their holds.
    static let limitBytes = 64 << 20
    private(set) var bytes: [UInt8] = []
    private(set) var records = 0
    private(set) var lostRecords = 0

    mutating func add(_ batch: RecordBatch) { add(batch.undone) }

    mutating func add(_ undone: [ChargeRecord]) {
        let added = RecordEncoder(undone).bytes
        guard bytes.count + added.count <= Self.limitBytes else {
            lostRecords += undone.count
            return
        }
        bytes += added
        records += undone.count
    }

    mutating func clear() { (bytes, records) = ([], 0) }
}

extension ChargeRecord {
    fileprivate var isOpening: Bool {
        if case .opened = self { true } else { false }
    }
}
