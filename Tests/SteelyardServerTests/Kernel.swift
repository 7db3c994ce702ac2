import Glibc

/// What the kernel knows about this process and its loopback sockets.
enum Kernel {
    /// One socket of `/proc/net/tcp`.
    struct Socket {
        var localPort: Int
        var remotePort: Int
        /// The hexadecimal state: 01 is established, 08 waits for our close.
        var state: String
        /// Bytes sent and not acknowledged, received and not read.
        var queuedBytes: Int

        /// Whether no descriptor belongs to it any more: it waits for the last segments, or for the time after them.
        var isForgotten: Bool { !["01", "08", "0A", "02", "03"].contains(state) }
    }

    /// The sockets with this port at either end.
    static func sockets(port: Int) -> [Socket] {
        text("/proc/net/tcp").split(separator: "\n").dropFirst().compactMap(socket)
            .filter { $0.localPort == port || $0.remotePort == port }
    }

    private static func socket(_ line: Substring) -> Socket? {
        let fields = line.split(separator: " ")
        guard fields.count > 4 else { return nil }
        let queues = fields[4].split(separator: ":").map { Int($0, radix: 16) ?? 0 }
        return Socket(
            localPort: port(fields[1]),
            remotePort: port(fields[2]),
            state: String(fields[3]),
            queuedBytes: queues.reduce(0, +)
        )
    }

    private static func port(_ address: Substring) -> Int { Int(address.suffix(4), radix: 16) ?? 0 }

    /// Resident memory of this process in bytes.
    static var residentBytes: Int {
        (text("/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var (text, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while case let count = read(descriptor, &chunk, chunk.count), count > 0 { text += chunk[..<count] }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Waits for other threads; the suite's time limit bounds it.
///
/// It checks every millisecond, which decides nothing: a test passes as soon as the condition holds.
func eventually(_ condition: () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
}
