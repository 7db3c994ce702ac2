import Glibc

/// A folder for one test, deleted with its last user.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/steelyard-ledger-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no folder under /tmp")
        path = template.withUnsafeBufferPointer { String(decoding: $0.dropLast().map { UInt8($0) }, as: UTF8.self) }
    }

    deinit { Self.remove(path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        for name in names(in: path) {
            let file = "\(path)/\(name)"
            if unlink(file) != 0 { remove(file) }
        }
        rmdir(path)
    }
}

/// Whole files, for tests that look at or break them.
enum File {
    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ bytes: some Sequence<UInt8>, to path: String) {
        let bytes = Array(bytes)
        guard let file = fopen(path, "w") else { preconditionFailure("cannot write \(path)") }
        defer { fclose(file) }
        fwrite(bytes, 1, bytes.count, file)
    }
}
