import Glibc
import Synchronization

/// Keeps all other processes away from a ledger while this process lives, and no longer: the kernel releases an `flock`
/// when the process that holds it ends, for whatever reason.
///
/// There are two locks. The one on `FILE.lock` says who holds it, and exists before the ledger does. The other is on
/// the ledger itself, which may have other names: a link, a mount.
///
/// SQLite's own locks are `fcntl` locks, which do not interact with an `flock` (https://sqlite.org/lockingv3.html,
/// flock(2)). A process loses its `fcntl` locks on a file as soon as it closes any descriptor of that file
/// (https://sqlite.org/howtocorrupt.html, §2.2). So this descriptor is opened before SQLite's first one and closed
/// after its last, and code that needs to look into the file uses this one.
final class LedgerLock: Sendable {
    private let name: LockedFile
    private let file: LockedFile

    /// Takes the lock.
    ///
    /// - Parameter create: creates the ledger if it does not exist. No other process does so at the same time.
    /// - Throws: ``LedgerError/locked(path:pid:)``, with the process that holds the lock if that is known.
    init(_ settings: LedgerSettings, create: () throws(LedgerError) -> Void) throws(LedgerError) {
        let path = settings.file
        name = try LockedFile(settings.lockFile, O_RDWR | O_CREAT)
        guard name.acquires() else { throw .locked(path: path, pid: name.pid) }
        try create()
        try LedgerDatabase.checkFile(path)
        // Without O_NONBLOCK, opening a pipe would wait until somebody writes to it.
        file = try LockedFile(path, O_RDONLY | O_NONBLOCK)
        guard file.acquires() else { throw .lockedUnderAnotherName(path: path) }
        try checkIsStillThere(path)
        name.write("\(getpid())\n")
    }

    /// The first bytes of the ledger.
    func head(bytes count: Int) -> [UInt8] { file.head(bytes: count) }

    /// Throws if there is now another file in place of the ledger. Writes would go to that file, and nobody has locked
    /// it.
    func checkIsStillThere(_ path: String) throws(LedgerError) {
        guard FileIdentity(path: path) == file.identity else { throw .replaced(path: path) }
    }

    /// Whether a process holds the lock of a ledger, under any name of the file.
    static func isHeld(_ settings: LedgerSettings) -> Bool {
        let descriptor = open(settings.lockFile, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor >= 0, flock(descriptor, LOCK_SH | LOCK_NB) != 0 { return true }
        return LockProbe.isHeld(settings.file)
    }
}

/// A file that is open only for its lock.
private final class LockedFile: Sendable {
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(LedgerError) {
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Tries several times, because ``LedgerLock/isHeld(_:)`` takes the lock for an instant.
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

    /// The process id in the file.
    var pid: Int32? {
        Int32(String(decoding: head(bytes: 16).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Writes text for people. The lock works without it.
    func write(_ text: String) {
        let line = Array(text.utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
    }
}

/// Identifies a file, whatever its name is.
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

/// Checks whether a ledger's own file is locked. The descriptors stay open until the process ends: closing one would
/// release the locks of SQLite's readers in this process.
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
