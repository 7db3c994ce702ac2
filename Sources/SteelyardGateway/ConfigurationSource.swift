import Glibc
public import SteelyardConfiguration

/// Where the configuration comes from: a file, and an address that overrides the file's.
public struct ConfigurationSource: Sendable {
    /// The path of proxy.yaml.
    public var path: String
    /// An address that overrides `server.listen` in the file, and where it was set (`--listen`, `STEELYARD_LISTEN`).
    public var listen: (text: String, source: String)?

    /// Names a source.
    public init(path: String, listen: (text: String, source: String)? = nil) {
        self.path = path
        self.listen = listen
    }

    /// Reads it again, with the environment and files of this process.
    public func read() -> Reading { read(.process) }

    /// Reads only teams, budgets, prices and the ledger, so it needs no secrets.
    public func readWithoutSecrets() -> Reading { read(.process.withoutSecrets) }

    private func read(_ surroundings: Surroundings) -> Reading {
        let reading = Configuration.read(file: path, surroundings: surroundings)
        return listen.map { reading.listening(on: $0.text, saidBy: $0.source) } ?? reading
    }
}

extension Surroundings {
    /// The environment and the files of this process.
    public static let process = Surroundings(
        variable: { name in getenv(name).map { String(cString: $0) } },
        readFile: { FileContents(ofPath: $0) }
    )
}

extension FileContents {
    /// Reads a whole file of at most 16 MiB, which is more than any configuration or certificate needs.
    fileprivate init(ofPath path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            self = errno == ENOENT ? .missing : .unreadable(String(cString: strerror(errno)))
            return
        }
        defer { close(descriptor) }
        self = Self.contents(of: descriptor)
    }

    private static func contents(of descriptor: Int32) -> FileContents {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 16 << 20 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return .unreadable(String(cString: strerror(errno))) }
            if count == 0 { return .bytes(bytes) }
            bytes += buffer[..<count]
        }
        return .unreadable("it is larger than 16 MiB")
    }
}
