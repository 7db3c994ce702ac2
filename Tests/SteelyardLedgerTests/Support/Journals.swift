import SteelyardPolicy

@testable import SteelyardLedger

/// Journals for tests, and what is read back from them.
enum Journals {
    static let run = RunID(high: 1, low: 2)

    static func open(
        _ folder: TemporaryFolder,
        durability: Durability = .process,
        segmentBytes: Int = 8 << 20,
        calls: SegmentCalls = .system
    ) throws -> Journal {
        try Journal(
            folder: folder.path,
            durability: durability,
            segmentBytes: segmentBytes,
            run: run,
            firstNumber: 1,
            calls: calls
        )
    }

    /// One record of each kind, and a settlement with everything in it.
    static let everyKind: [ChargeRecord] = [
        .opened(Charges.opening(1)),
        .opened(Charges.opening(2, team: "équipe, \"x\"", key: "", model: "none", hold: 0, at: -5)),
        .deferred(Charges.deferral(Charges.opening(2))),
        .grown(Charges.opening(2, hold: 10_000_000)),
        .settled(Charges.settlement(Charges.opening(1))),
        .released(Charges.opening(3).charge),
        .settled(everything),
    ]

    static var everything: ChargeSettlement {
        var settlement = Charges.settlement(Charges.opening(4), part: 7, cost: .max, confidence: .unpriced)
        settlement.reason = "unknown_model"
        for (index, meter) in Meter.allCases.enumerated() { settlement.meters[meter] = Int64(index) << 40 }
        settlement.meters[.input] = -1
        var pictures = Meters(promptTokens: 50)
        (pictures[.imageInput], pictures[.imageOutput], pictures[.duration]) = (50, 4160, 7)
        settlement.meters.add(ToolWork(model: "provider/gpt-image-1", meters: pictures))
        settlement.meters.add(ToolWork(model: "", meters: Meters()))
        settlement.usage = [0, 255, 10, 34]
        return settlement
    }

    /// The bytes of one segment with these records.
    static func segment(_ records: [ChargeRecord]) -> [UInt8] {
        SegmentHeader(run: run, number: 1).bytes + RecordEncoder(records).bytes
    }

    /// The records of a segment, and how reading ended.
    static func read(_ bytes: [UInt8]) -> (records: [ChargeRecord], ending: SegmentEnding?) {
        guard case .header = SegmentHeader.read(bytes) else { return ([], nil) }
        var reader = SegmentReader(bytes)
        let records = reader.batch(limit: .max)
        return (records, reader.ending)
    }

    /// The content of all segments of a folder.
    static func records(in folder: TemporaryFolder) throws -> [ChargeRecord] {
        let segments = SegmentFolder(path: folder.path)
        return try segments.numbers().flatMap { read(try segments.bytes($0)).records }
    }
}
