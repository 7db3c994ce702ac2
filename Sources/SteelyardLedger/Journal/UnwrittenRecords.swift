import SteelyardPolicy

/// Records that close charges and could not be written. They are kept until they can be.
struct UnwrittenRecords {
    /// Enough for a minute of a very busy gateway. Records beyond this are lost, and their charges count at their
    /// holds.
    static let limitBytes = 64 << 20
    private var encoder = RecordEncoder()
    /// Records that a recovery is writing now.
    private var leaving = 0
    private(set) var lostRecords = 0

    /// All records that are not written yet.
    var records: Int { encoder.records + leaving }

    mutating func add(_ records: [ChargeRecord]) {
        let added = RecordEncoder(records)
        guard encoder.bytes.count + added.bytes.count <= Self.limitBytes else { return lostRecords += records.count }
        encoder.append(added)
    }

    /// Hands out everything, to be written; nil if there is nothing. Afterwards call ``wrote()`` or ``putBack(_:)``.
    mutating func take() -> RecordEncoder? {
        guard encoder.records > 0 else { return nil }
        defer { encoder = RecordEncoder() }
        leaving = encoder.records
        return encoder
    }

    /// Notes that what was taken is written.
    mutating func wrote() { leaving = 0 }

    /// Keeps what was taken, because it could not be written. It stays before what came later.
    mutating func putBack(_ taken: RecordEncoder) {
        var all = taken
        all.append(encoder)
        (encoder, leaving) = (all, 0)
    }
}

extension [ChargeRecord] {
    /// What must be written later if none of these records is in the journal: everything that closes or changes a
    /// charge. An opening needs nothing: its request does not leave, or goes unrecorded.
    var withoutOpenings: [ChargeRecord] { filter { !$0.isOpening } }

    /// What must be written later if these records may be in the journal, although they count as not written: a release
    /// takes an opening back.
    var undone: [ChargeRecord] {
        map { record in
            guard case .opened(let opening) = record else { return record }
            return .released(opening.charge)
        }
    }
}

extension ChargeRecord {
    var isOpening: Bool {
        if case .opened = self { true } else { false }
    }
}
