import ArgumentParser
import FoundationEssentials
import Glibc

/// A temporary folder of this process.
enum TemporaryFolder {
    /// Runs a body with a new folder, and deletes the folder when the body has returned or thrown.
    ///
    /// - Parameters:
    ///   - name: How the folder's name starts.
    ///   - body: Gets the folder's path.
    /// - Throws: The error of the body, or an exit with EX_CANTCREAT if the folder cannot be created.
    static func with(name: String, _ body: (String) async throws -> Void) async throws {
        let path = try make(name)
        // Files that cannot be removed are left to the system's own cleanup.
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    /// Uses `mkdtemp`, not a fixed name, so that no other user can have put anything there.
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
