import SeededRandom
import SteelyardPolicy
import Testing

@testable import SteelyardLedger

@Suite struct SegmentReaderTests {
    let records = Journals.everyKind
    var segment: [UInt8] { Journals.segment(records) }
    /// Where each record ends.
    var ends: [Int] { records.indices.map { Journals.segment(Array(records[...$0])).count } }

    @Test func everyRecordIsReadAsItWasWritten() {
        let reading = Journals.read(segment)
        #expect(reading.records == records)
        #expect(reading.ending == .whole)
    }

    /// RFC 3720 §B.4, and the check value from CRC catalogues.
    private static let checksums: [(bytes: [UInt8], checksum: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 255, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array("123456789".utf8), 0xE306_9283),
    ]

    @Test(arguments: Self.checksums) func checksumsAreThoseOfTheStandard(bytes: [UInt8], checksum: UInt32) {
        #expect(bytes.withUnsafeBytes(CRC32C.checksum) == checksum)
    }

    @Test func aFileCutOffAtAnyByteGivesEveryWholeRecordAndIsNotCalledDamaged() {
        let (segment, ends) = (segment, ends)
        for length in JournalFormat.headerBytes...segment.count {
            let reading = Journals.read(Array(segment[..<length]))
            let whole = ends.count { $0 <= length }
            #expect(reading.records == Array(records[..<whole]), "\(length) bytes")
            let isAtEdge = length == JournalFormat.headerBytes || ends.contains(length)
            let end = whole == 0 ? JournalFormat.headerBytes : ends[whole - 1]
            #expect(reading.ending == (isAtEdge ? .whole : .torn(at: end)), "\(length) bytes")
        }
    }

    @Test func aHeaderCutOffAtAnyByteIsAFileWithNothingInIt() {
        for length in 0..<JournalFormat.headerBytes {
            #expect(SegmentHeader.read(Array(segment[..<length])) == .incomplete, "\(length) bytes")
        }
        #expect(SegmentHeader.read([UInt8](repeating: 0, count: 4096)) == .incomplete)
    }

    /// Some file systems give a file its length before its bytes.
    @Test func zerosInPlaceOfTheTailAreATornTail() {
        let (segment, ends) = (segment, ends)
        for length in JournalFormat.headerBytes..<segment.count {
            let zeros = [UInt8](repeating: 0, count: segment.count - length + 100)
            let reading = Journals.read(Array(segment[..<length]) + zeros)
            let whole = Array(records[..<ends.count { $0 <= length }])
            // A record may end in zeros itself.
            #expect(reading.records.starts(with: whole) && records.starts(with: reading.records), "\(length) bytes")
            guard case .torn = reading.ending else {
                Issue.record("\(length) bytes: \(String(describing: reading.ending))")
                continue
            }
        }
    }

    @Test func aFlippedBitAnywhereIsFoundAndNeverChangesARecord() {
        let (segment, ends) = (segment, ends)
        for index in JournalFormat.headerBytes..<segment.count {
            for bit in [0, 3, 7] {
                var broken = segment
                broken[index] ^= 1 << bit
                let reading = Journals.read(broken)
                let hit = ends.count { $0 <= index }
                #expect(reading.records == Array(records[..<hit]), "byte \(index) bit \(bit)")
                let isLast = hit == records.count - 1
                switch reading.ending {
                case .damaged(_, let next): #expect(!isLast && ends.contains(next), "byte \(index) bit \(bit)")
                case .torn: #expect(isLast, "byte \(index) bit \(bit)")
                default: Issue.record("byte \(index) bit \(bit): \(String(describing: reading.ending))")
                }
            }
        }
    }

    @Test func aFlippedBitInTheHeaderIsFound() {
        for index in 0..<JournalFormat.headerBytes {
            var broken = segment
            broken[index] ^= 4
            switch SegmentHeader.read(broken) {
            case .damaged, .newer: break
            case let other: Issue.record("byte \(index): \(other)")
            }
        }
    }

    @Test func whatLiesBehindDamageCanStillBeRead() {
        var broken = segment
        broken[JournalFormat.headerBytes + 20] ^= 1
        var reader = SegmentReader(broken)
        #expect(reader.batch(limit: .max).isEmpty)
        reader.skipDamage()
        #expect(reader.batch(limit: .max) == Array(records[1...]))
        #expect(reader.ending == .whole)
    }

    @Test func aRecordOfALaterVersionIsNotTakenForDamage() {
        var later = Journals.segment([records[0]])
        let payload = JournalFormat.headerBytes + JournalFormat.frameBytes
        later[payload] = JournalFormat.version + 1
        let frame = Array(later[JournalFormat.headerBytes...])
        let checksum = frame.withUnsafeBytes(FrameChecksum.of(frame:))
        for place in 0..<4 {
            later[JournalFormat.headerBytes + 4 + place] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * place))
        }
        #expect(
            Journals.read(later).ending == .newer(at: JournalFormat.headerBytes, version: JournalFormat.version + 1)
        )
    }

    @Test func anythingAtAllCanBeReadWithoutHarm() {
        var random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<500 {
            let noise = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let reading = Journals.read(Array(segment[..<ends[1]]) + noise)
            #expect(reading.records == Array(records[..<2]))
        }
    }
}
