import ArgumentParser
import FoundationEssentials
import Glibc

/// A folder of this process alone, for files that nobody wants to keep.
enum TemporaryFolder {
    /// Runs a body with a fresh folder; it is gone with all that is in it when the body has returned or thrown.
    ///
    /// - Parameters:
    ///   - name: What the folder's name begins with.
    ///   - body: Takes the folder's path.
    /// - Throws: What the body throws; an exit with EX_CANTCREAT when the folder cannot be made.
    static func with(name: String, _ body: (String) async throws -> Void) async throws {
        let path = try make(name)
        // What cannot be removed stays for the system's own cleaning.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    /// `mkdtemp` and not a name of our own: no other user can have put anything there.
    private static func make(_ name: String) throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            StandardError.write("steelyard: cannot create a folder in \(parent): \(String(cString: strerror(errno)))\n")
            throw ExitCode(EX_CANTCREAT)
        }
        return String(cString: made)
    }
}
