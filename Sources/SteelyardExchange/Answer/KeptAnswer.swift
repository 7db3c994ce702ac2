import SteelyardWire

/// An error answer to an armed request, which may turn out to be the refusal of the edit.
struct KeptAnswer: Sendable {
    private static let limitBytes = 64 * 1024
    private static let member = Array("stream_options".utf8)
    /// Its body as far as it has come.
    private(set) var bytes: [UInt8] = []

    /// Whether it is too long to be one: a refusal of the added member is short.
    var isTooLong: Bool { bytes.count > Self.limitBytes }

    mutating func append(_ piece: Span<UInt8>) {
        piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Whether it names the member that the edit added.
    var namesStreamOptions: Bool {
        let name = Self.member
        guard bytes.count >= name.count else { return false }
        return (0...(bytes.count - name.count)).contains { bytes[$0..<($0 + name.count)].elementsEqual(name) }
    }
}
