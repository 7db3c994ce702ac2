/// Limits what the framing of chunks may take beside their data.
///
/// 16 bytes a chunk and 2 per byte of data are free: a sender may send single bytes. What goes beyond adds up, to 16 KiB
/// at most, so that long extensions around little data end soon. Go's `net/http` has the same rule; here a chunk earns
/// its 2 per byte when the data comes, not when it is announced.
struct ChunkOverhead: Sendable {
    private static let freePerChunkBytes = 16
    private static let limitBytes = 16 * 1024 + freePerChunkBytes

    private var excessBytes = 0

    /// How many more bytes of framing may come now.
    var remainingBytes: Int { Self.limitBytes - excessBytes }

    /// Framing came, at most ``remainingBytes``.
    mutating func receivedFraming(_ count: Int) { excessBytes += count }

    /// Data came.
    mutating func receivedData(_ count: Int) { excessBytes = max(0, excessBytes - 2 * count) }

    /// A chunk is complete; the CRLF after its data is framing, too.
    mutating func receivedChunk() { excessBytes = max(0, excessBytes + 2 - Self.freePerChunkBytes) }
}
