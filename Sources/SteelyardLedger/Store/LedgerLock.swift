import Glibc

/// Keeps every other process out of a ledger as long as it lives, and no longer: the kernel drops an `flock` with the
/// process that holds it, however that ends.
final class LedgerLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``LedgerError/locked(path:pid:)``, with the process that holds it.
    init(_ settings: LedgerSettings) throws(LedgerError) {
        let path = settings.lockFile
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
        guard Self.acquires(descriptor) else {
            throw .locked(path: settings.file, pid: Self.pid(descriptor))
        }
        let line = Array("\(getpid())\n".utf8)
        // The number is for people: a lock without it holds as well.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether a process holds the lock of a ledger.
    static func isHeld(_ settings: LedgerSettings) -> Bool {
        let descriptor = open(settings.lockFile, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// ``isHeld(_:)`` has the lock for an instant: one refusal is not believed.
    private static func acquires(_ descriptor: Int32) -> Bool {
        for _ in 0..<5 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            poll(nil, 0, 10)
        }
        return false
    }

    private static func pid(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}
