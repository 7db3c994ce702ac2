import Glibc
import Synchronization

/// Keeps every other process out of a ledger as long as it lives, and no longer: the kernel drops an `flock` with the
/// process that holds it, however that ends.
///
/// Two locks: one on `FILE.lock`, which says who holds it and is there before the ledger is, and one on the ledger itself,
/// which has other names perhaps: a link, a mount. SQLite's own locks are `fcntl` locks, which an `flock` does not meet
/// (https://sqlite.org/lockingv3.html, flock(2)). Those of a process go as soon as it closes any descriptor of the file
/// (https://sqlite.org/howtocorrupt.html, §2.2): this one is open before SQLite's first and closed after its last, and
/// whoever wants to look into the file looks through it.
final class LedgerLock: Sendable {
    private let name: LockedFile
    private let file: LockedFile

    /// Takes the lock.
    ///
    /// - Parameter create: makes the ledger if it has to be made; nobody else does so meanwhile.
    /// - Throws: ``LedgerError/locked(path:pid:)``, with the process that holds it where that is known.
    init(_ settings: LedgerSettings, create: () throws(LedgerError) -> Void) throws(LedgerError) {
        let path = settings.file
        name = try LockedFile(settings.lockFile, O_RDWR | O_CREAT)
        guard name.acquires() else { throw .locked(path: path, pid: name.pid) }
        try create()
        try LedgerDatabase.checkFile(path)
        // Without O_NONBLOCK a pipe would wait for somebody to write to it.
        file = try LockedFile(path, O_RDONLY | O_NONBLOCK)
        guard file.acquires() else { throw .lockedUnderAnotherName(path: path) }
        try checkIsStillThere(path)
        name.write("\(getpid())\n")
    }

    /// The first bytes of the ledger.
    func head(bytes count: Int) -> [UInt8] { file.head(bytes: count) }

    /// Throws when there is another file now where the ledger was: what is written to that one, nobody locked.
    func checkIsStillThere(_ path: String) throws(LedgerError) {
        guard FileIdentity(path: path) == file.identity else { throw .replaced(path: path) }
    }

    /// Whether a process holds the lock of a ledger, under whatever name.
    static func isHeld(_ settings: LedgerSettings) -> Bool {
        let descriptor = open(settings.lockFile, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor >= 0, flock(descriptor, LOCK_SH | LOCK_NB) != 0 { return true }
        return LockProbe.isHeld(settings.file)
    }
}

/// A file that is open for its lock's sake.
private final class LockedFile: Sendable {
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(LedgerError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// ``LedgerLock/isHeld(_:)`` has the lock for an instant: one refusal is not believed.
    func acquires() -> Bool {
        for _ in 0..<5 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            poll(nil, 0, 10)
        }
        return false
    }

    var identity: FileIdentity? { FileIdentity(descriptor: descriptor) }

    func head(bytes count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = pread(descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(0, filled)))
    }

    /// The process that wrote its number there.
    var pid: Int32? {
        Int32(String(decoding: head(bytes: 16).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// The text is for people: a lock without it holds as well.
    func write(_ text: String) {
        let line = Array(text.utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    }
}

/// What makes two names the same file.
private struct FileIdentity: Hashable {
    let device: dev_t
    let inode: ino_t

    init?(path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        (device, inode) = (facts.st_dev, facts.st_ino)
    }

    init?(descriptor: Int32) {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return nil }
        (device, inode) = (facts.st_dev, facts.st_ino)
    }
}

/// Tells whether a ledger's own file is locked. Its descriptors stay open until the process ends: to close one would drop
/// the locks of SQLite's readers in this process.
private enum LockProbe {
    private static let descriptors = Mutex<[FileIdentity: Int32]>([:])

    static func isHeld(_ path: String) -> Bool {
        guard let descriptor = descriptor(of: path) else { return false }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return true }
        flock(descriptor, LOCK_UN)
        return false
    }

    private static func descriptor(of path: String) -> Int32? {
        guard let identity = FileIdentity(path: path) else { return nil }
        return descriptors.withLock { descriptors in
            if let known = descriptors[identity] { return known }
            let opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            guard opened >= 0 else { return nil }
            descriptors[identity] = opened
            return opened
        }
    }
}
