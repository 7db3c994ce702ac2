import SteelyardPolicy

/// Where a secret is stored: `env:NAME`, `file:PATH` or `credential:NAME` (systemd). proxy.yaml never contains the
/// secret itself. Somebody may write it there by mistake, so no message here shows the text.
enum SecretReference {
    case variable(String)
    case file(String)
    case credential(String)

    /// Reads a reference.
    init(_ text: String, example: String) throws(Complaint) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.count == 2 ? String(parts[1]) : ""
        switch parts[0] {
        case "env" where Self.isVariableName(name): self = .variable(name)
        case "file" where !name.isEmpty: self = .file(name)
        case "credential" where Self.isCredentialName(name):
            self = .credential(name)
        case "env", "file", "credential":
            throw Complaint(message: "needs a valid name after \(parts[0]):", remedy: .write(example))
        default:
            throw Complaint(
                message: "must say where the secret is stored (env:NAME, file:PATH or credential:NAME), "
                    + "not the secret itself",
                remedy: .write(example)
            )
        }
    }

    /// A plain file name: systemd keeps credentials as files of one folder (systemd.exec(5), LoadCredential=).
    private static func isCredentialName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".")
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
    }

    /// POSIX.1-2017 §8.1: letters, digits and underscores, not starting with a digit.
    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x5f }
    }

    /// Fetches the secret; if secrets are not needed, returns a placeholder.
    func fetch(from files: Files) throws(Complaint) -> Secret {
        guard files.surroundings.fetchesSecrets else { return Secret(Array("unfetched".utf8)) }
        switch self {
        case .variable(let name):
            guard let value = files.surroundings.variable(name) else {
                throw Complaint(message: "the environment variable \(name) is not set", remedy: .act("set \(name)"))
            }
            return try Self.checked(Array(value.utf8), place: "the environment variable \(name)")
        case .file(let path):
            return try Self.content(of: files.path(path), files)
        case .credential(let name):
            guard let folder = files.surroundings.variable("CREDENTIALS_DIRECTORY") else {
                throw Complaint(
                    message: "cannot be read: systemd passed no credentials (CREDENTIALS_DIRECTORY is not set)",
                    remedy: .act("add LoadCredential=\(name):PATH to the systemd unit")
                )
            }
            return try Self.content(of: "\(folder)/\(name)", files)
        }
    }

    private static func content(of path: String, _ files: Files) throws(Complaint) -> Secret {
        var bytes = try files.content(of: path)
        // Editors end files with a line break, which is not part of the secret.
        if bytes.last == 0x0a { bytes.removeLast() }
        if bytes.last == 0x0d { bytes.removeLast() }
        return try checked(bytes, place: Complaint.quoted(path))
    }

    /// A secret is sent in a header field: visible ASCII (RFC 9110 §5.5), no spaces.
    private static func checked(_ bytes: [UInt8], place: String) throws(Complaint) -> Secret {
        guard !bytes.isEmpty else {
            throw Complaint(message: "\(place) is empty", remedy: .act("store the secret there"))
        }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Complaint(
                message: "\(place) contains spaces, line breaks or characters outside ASCII",
                remedy: .act("store only the secret there, on one line")
            )
        }
        return Secret(bytes)
    }
}
