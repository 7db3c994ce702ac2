import Glibc
import NIOCore

/// A file of JSON lines, one for each request whose answer has ended.
final class WitnessFile: Sendable {
    private let descriptor: CInt

    /// Opens the file for appending, and creates it readable only by its owner, because it may contain requests.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SimulatorError.unwritableWitness(path: path, reason: String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }

    /// Writes one line with one call: with O_APPEND, lines of several threads do not mix.
    func append(_ entry: WitnessEntry) {
        var line = ByteBuffer()
        entry.write(to: &line)
        line.append("\n")
        line.withUnsafeReadableBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
