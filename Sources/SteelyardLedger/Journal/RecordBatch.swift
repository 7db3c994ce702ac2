import SteelyardPolicy

/// Records that are written together, with one write.
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

    /// The records to write later, when this batch could not be written: everything that closes a charge. The request
    /// of an unrecorded opening does not leave; since a part of the batch may have reached the file anyway, a release
    /// takes the opening back.
    var undone: [ChargeRecord] {
        source.map { record in
            guard case .opened(let opening) = record else { return record }
            return .released(opening.charge)
        }
    }
}

/// Records that close charges and could not be written. They are kept until they can be.
struct UnwrittenRecords {
    /// Enough for a minute of a very busy gateway. Records beyond this are lost, and their charges count at their
    /// holds.
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
