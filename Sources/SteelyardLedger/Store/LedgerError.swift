import GRDB
import Glibc

/// Why a ledger cannot be opened, written or read.
public enum LedgerError: Error, Hashable, Sendable {
    /// Another process is using it. A nil `pid` means that the lock file does not say which.
    case locked(path: String, pid: Int32?)
    /// Another process is using the same file under another name: a link or a mount.
    case lockedUnderAnotherName(path: String)
    /// There is no such file.
    case missing(path: String)
    /// The file is gone, but something that belongs to it is there.
    case missingBesideItsOwn(path: String, remnant: String)
    /// The path is a link to a file that does not exist.
    case danglingLink(path: String)
    /// The path is a folder, a device or a pipe.
    case notAFile(path: String)
    /// Another file took its place while it was open.
    case replaced(path: String)
    /// A segment of the journal is gone, and it had charges that the ledger does not have.
    case journalMissing(path: String, ledger: String)
    /// A segment of the journal belongs to another ledger, or to another time of this one.
    case journalForeign(path: String, ledger: String)
    /// The file is empty.
    case empty(path: String)
    /// The file is an SQLite database of something else, or not a database.
    case notALedger(path: String)
    /// SQLite finds the file inconsistent.
    case damaged(path: String, reason: String)
    /// A later version wrote it.
    case newer(path: String, version: Int)
    /// A segment of the journal has bytes that are not a record, between whole records.
    case journalDamaged(path: String, at: Int)
    /// A later version wrote a segment of the journal.
    case journalNewer(path: String)
    /// The file may not be written or cannot be opened.
    case notWritable(path: String, reason: String)
    /// The disk is full.
    case full(path: String)
    /// The disk failed.
    case inputOutput(path: String, reason: String)
    /// SQLite refused for another reason.
    case refused(path: String, reason: String)
}

extension LedgerError: CustomStringConvertible {
    /// What is wrong and what to do, for the shell and the log.
    public var description: String {
        switch self {
        case .locked(let path, let pid?):
            "process \(pid) is using \(path); stop it, or set another ledger.file for this one"
        case .locked(let path, nil):
            "another process is using \(path); stop it, or set another ledger.file for this one"
        case .lockedUnderAnotherName(let path):
            "\(path) is in use by another process under another name (a link or a mount); stop that process, or set"
                + " another ledger.file for this one"
        case .danglingLink(let path):
            "\(path) is a link to a file that does not exist: mount or restore that file, or remove the link to start a"
                + " new ledger"
        case .notAFile(let path): "\(path) is not a regular file; set ledger.file to the path of a file"
        case .replaced(let path):
            "\(path) was replaced by another file while Steelyard had it open: stop Steelyard, put the right file there,"
                + " and start it again"
        case .journalMissing(let path, let ledger):
            "\(path) is missing, and \(ledger) does not have its charges yet: restore the journal, or open the ledger under"
                + " the name it had; `steelyard ledger salvage` continues without these charges"
        case .journalForeign(let path, let ledger):
            "\(path) belongs to another ledger than \(ledger): restore the ledger and journal that belong together, or move"
                + " the journal away; `steelyard ledger salvage` adds its charges anyway"
        case .missing(let path): "there is no ledger at \(path); check the path"
        case .missingBesideItsOwn(let path, let remnant):
            "\(path) is missing but \(remnant) exists: restore the file, or move \(remnant) away to start a new ledger"
        case .empty(let path): "\(path) is empty: restore it from a backup, or move it away to start a new ledger"
        case .notALedger(let path): "\(path) is not a Steelyard ledger; set ledger.file to another path"
        case .damaged(let path, let reason):
            "\(path) is damaged (\(reason)): restore a backup, or move it away to start a new ledger"
        case .newer(let path, let version):
            "\(path) has schema \(version), from a later version of Steelyard; run that version"
        case .journalDamaged(let path, let offset):
            "\(path) is damaged at byte \(offset), with intact records after it: run `steelyard ledger salvage`, which"
                + " saves what it can read and moves the file away"
        case .journalNewer(let path): "\(path) is from a later version of Steelyard; run that version"
        case .notWritable(let path, let reason): "\(path) cannot be written: \(reason)"
        case .full(let path): "\(path) cannot grow: the disk is full; free some space"
        case .inputOutput(let path, let reason): "\(path): the disk failed: \(reason)"
        case .refused(let path, let reason): "\(path): \(reason)"
        }
    }

    /// The matching status of `sysexits.h`.
    public var exitStatus: Int32 {
        switch self {
        case .locked, .lockedUnderAnotherName, .replaced: EX_TEMPFAIL
        case .missing, .missingBesideItsOwn, .danglingLink, .journalMissing: EX_NOINPUT
        case .empty, .notALedger, .damaged, .journalDamaged, .journalForeign: EX_DATAERR
        case .notAFile: EX_CANTCREAT
        case .newer, .journalNewer: EX_CONFIG
        case .notWritable: EX_CANTCREAT
        case .full, .inputOutput: EX_IOERR
        case .refused: EX_SOFTWARE
        }
    }

    /// Whether writing may work again without opening the ledger again.
    var mayPass: Bool {
        switch self {
        case .full, .inputOutput, .notWritable, .refused, .locked: true
        default: false
        }
    }
}

extension LedgerError {
    /// What SQLite reported about a file.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? LedgerError ?? .refused(path: path, reason: "\(error)")
            return
        }
        let reason = error.message ?? error.resultCode.description
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .full(path: path)
            // SQLite could not make the file for shared memory as large as necessary (https://sqlite.org/rescode.html).
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: .full(path: path)
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
                .notWritable(path: path, reason: reason)
            case .SQLITE_IOERR: .inputOutput(path: path, reason: "\(error.extendedResultCode): \(reason)")
            case .SQLITE_NOTADB: .notALedger(path: path)
            case .SQLITE_CORRUPT: .damaged(path: path, reason: reason)
            default: .refused(path: path, reason: reason)
            }
    }
}
