/// Collects the fields of a head from its lines.
///
/// Most lines are received as they are kept. Such lines are next to each other in what was received, and are copied
/// together: usually one copy and one allocation for all of a head.
struct FieldBlock: Sendable {
    /// The fields so far; whole only after ``keepRun(of:)``.
    private(set) var fields = HeaderFields()
    /// Lines in the presented bytes that are kept as they came and are not copied yet.
    private var run = 0..<0

    /// How many fields there are.
    var count: Int { fields.count }

    /// Reserves room for the fields of a usual request; SDKs send about 20.
    mutating func reserve() { fields.fields.reserveCapacity(24) }

    /// Adds the field of a line of the presented bytes.
    mutating func append(_ line: FieldLine, of bytes: Span<UInt8>) {
        guard line.isVerbatim(in: bytes) else {
            keepRun(of: bytes)
            fields.append(name: bytes.extracting(line.name), value: bytes.extracting(line.value))
            return
        }
        if run.isEmpty { run = line.text.lowerBound..<line.text.lowerBound }
        let start = fields.bytes.count &+ run.count
        fields.fields.append(.init(start: start, nameLength: line.name.count, valueLength: line.value.count))
        run = run.lowerBound..<(line.text.upperBound &+ 2)
    }

    /// Copies the lines that are not copied yet. Must be called before other bytes are presented.
    mutating func keepRun(of bytes: Span<UInt8>) {
        guard !run.isEmpty else { return }
        bytes.extracting(run).withUnsafeBufferPointer { fields.bytes.append(contentsOf: $0) }
        run = 0..<0
    }
}
