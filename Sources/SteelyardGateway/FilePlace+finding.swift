import Glibc
public import SteelyardConfiguration

extension FilePlace {
    /// Looks at a path without changing anything there.
    public init(of path: String) {
        var facts = stat()
        guard stat(path, &facts) != 0 else {
            self = facts.st_mode & S_IFMT == S_IFREG ? Self.place(ofFile: path) : .notAFile
            return
        }
        let reason = errno
        if reason == ENOENT, lstat(path, &facts) == 0 {
            self = .danglingLink
        } else if reason == ENOENT {
            self = Self.place(inFolder: Self.folder(of: path))
        } else {
            self = .notWritable(path: path, reason: String(cString: strerror(reason)))
        }
    }

    private static func place(ofFile path: String) -> FilePlace {
        guard access(path, R_OK | W_OK) == 0 else {
            return .notWritable(path: path, reason: String(cString: strerror(errno)))
        }
        // SQLite's log and the journal are in the same folder.
        return place(inFolder: folder(of: path))
    }

    /// Whether files can be made in a folder; if the folder is missing, whether it can be made.
    private static func place(inFolder path: String) -> FilePlace {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            let reason = errno
            guard reason == ENOENT, lstat(path, &facts) != 0, path != folder(of: path) else {
                return .notWritable(path: path, reason: String(cString: strerror(reason)))
            }
            return place(inFolder: folder(of: path))
        }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            return .notWritable(path: path, reason: String(cString: strerror(ENOTDIR)))
        }
        guard access(path, W_OK | X_OK) == 0 else {
            return .notWritable(path: path, reason: String(cString: strerror(errno)))
        }
        return .usable
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
