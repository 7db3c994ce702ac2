import Glibc

/// A pipe; this test has both ends.
final class Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PipeError() }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit { close(reading) }

    /// Everything that was written, once the writing end is closed.
    func closeAndRead() -> String {
        close(writing)
        return String(decoding: readAll(), as: UTF8.self)
    }

    /// Reads until the end.
    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = readSome(), !piece.isEmpty { bytes += piece }
        return bytes
    }

    /// Reads what is available; waits if there is nothing.
    func readSome() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(reading, &buffer, buffer.count)
        return count >= 0 ? Array(buffer[..<count]) : nil
    }
}

/// The kernel has no descriptors left.
struct PipeError: Error {}
