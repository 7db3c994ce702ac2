import Glibc

@testable import SteelyardLedger

/// What a crash leaves of a ledger: its files at this moment.
struct CrashImage {
    let folder = TemporaryFolder()
    var settings: LedgerSettings

    /// Copies the journal before the database: what one lacks, the other has, as on a disk that stops.
    init(of source: LedgerSettings) {
        settings = source
        settings.file = folder.file("ledger.sqlite3")
        mkdir(settings.journalFolder, 0o700)
        // A crash stops everything at once; while copying, a segment may be followed by the next.
        while true {
            let segments = TemporaryFolder.names(in: source.journalFolder)
            copyAll(of: source, segments)
            if segments == TemporaryFolder.names(in: source.journalFolder) { return }
        }
    }

    private func copyAll(of source: LedgerSettings, _ segments: [String]) {
        for name in TemporaryFolder.names(in: settings.journalFolder) { unlink("\(settings.journalFolder)/\(name)") }
        for name in segments {
            Self.copy("\(source.journalFolder)/\(name)", to: "\(settings.journalFolder)/\(name)")
        }
        for suffix in ["", "-wal"] { Self.copy(source.file + suffix, to: settings.file + suffix) }
    }

    private static func copy(_ source: String, to target: String) {
        guard access(source, F_OK) == 0 else { return }
        File.write(File.read(source), to: target)
    }
}
