/// What exists at the path where a file is to be stored.
public enum FilePlace: Hashable, Sendable {
    /// A file that can be written, or a place where one can be made.
    case usable
    /// A folder, a device or a pipe.
    case notAFile
    /// A link to something that does not exist.
    case danglingLink
    /// The system does not let Steelyard write there: which path, and the reason in the system's words.
    case notWritable(path: String, reason: String)
}

extension Reading {
    /// This reading, with an error if the ledger cannot be stored at its path. A start and `steelyard check` use it. A
    /// reload does not: it continues with the open ledger, whatever has happened to its folder.
    public func placing(ledger place: (_ path: String) -> FilePlace) -> Reading {
        guard let configuration, let file = configuration.ledger?.file, let complaint = place(file).complaint(file)
        else {
            return self
        }
        let findings = Findings(file: self.file)
        for problem in problems { findings.add(problem) }
        let key = "ledger.file"
        findings.add(
            key,
            line: lines[key] ?? lines["ledger"],
            complaint.message,
            remedy: complaint.remedy.text(for: "file")
        )
        return Reading(configuration, lines: lines, findings: findings)
    }
}

extension FilePlace {
    fileprivate func complaint(_ path: String) -> Complaint? {
        let file = Complaint.quotedPath(path)
        switch self {
        case .usable: return nil
        case .notAFile:
            return Complaint(
                message: "\(file) is a folder or a device, not a file",
                remedy: .write("\(path)/ledger.sqlite3, or the path of another file")
            )
        case .danglingLink:
            return Complaint(
                message: "\(file) is a link to a file that does not exist",
                remedy: .act("mount or restore that file, or remove the link to begin a new ledger")
            )
        case .notWritable(let blocked, let reason):
            return Complaint(
                message: "the ledger cannot be stored in \(file): \(Complaint.quotedPath(blocked)): \(reason)",
                remedy: .act("let the user that runs Steelyard write there, or correct the path")
            )
        }
    }
}
