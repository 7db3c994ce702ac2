/// The files that a configuration names.
struct Files {
    /// Where to look them up.
    let surroundings: Surroundings
    private let folder: String

    /// Relative paths start at the folder of the configuration file, wherever the process runs.
    init(beside file: String, _ surroundings: Surroundings) {
        self.surroundings = surroundings
        folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    }

    /// The path to open.
    func path(_ written: String) -> String { written.hasPrefix("/") ? written : folder + written }

    /// The content of a file; `path` is the path to open.
    func content(of path: String) throws(Complaint) -> [UInt8] {
        switch surroundings.readFile(path) {
        case .bytes(let bytes): return bytes
        case .missing:
            throw Complaint(
                message: "\(Complaint.quotedPath(path)) does not exist",
                remedy: .act("create the file, or correct the path")
            )
        case .unreadable(let reason):
            throw Complaint(
                message: "\(Complaint.quotedPath(path)) cannot be read: \(reason)",
                remedy: .act("let the user that runs Steelyard read this file")
            )
        }
    }

    /// The path of a file with certificates in PEM form (RFC 7468), for opening.
    func requireCertificates(_ written: String) throws(Complaint) -> String {
        let path = path(written)
        // systemd can pass certificates in its credentials folder too, which only the service can enter.
        guard surroundings.fetchesSecrets else { return path }
        let text = String(decoding: try content(of: path), as: UTF8.self)
        guard text.contains("-----BEGIN CERTIFICATE-----") || text.contains("-----BEGIN TRUSTED CERTIFICATE-----")
        else {
            throw Complaint(
                message: "\(Complaint.quotedPath(path)) contains no certificate",
                remedy: .act("name a PEM file that contains -----BEGIN CERTIFICATE-----")
            )
        }
        return path
    }

    /// The path of a private key in PEM form without a passphrase, for opening. Messages show nothing of its content.
    func requirePrivateKey(_ written: String) throws(Complaint) -> String {
        let path = path(written)
        guard surroundings.fetchesSecrets else { return path }
        let text = String(decoding: try content(of: path), as: UTF8.self)
        guard text.contains("PRIVATE KEY-----") else {
            throw Complaint(
                message: "\(Complaint.quotedPath(path)) contains no private key",
                remedy: .act("name a PEM file that contains -----BEGIN PRIVATE KEY-----")
            )
        }
        // RFC 5958 §3 and the earlier RFC 1421 §4.6.1.1.
        guard !text.contains("BEGIN ENCRYPTED PRIVATE KEY"), !text.contains("Proc-Type: 4,ENCRYPTED") else {
            throw Complaint(
                message: "\(Complaint.quotedPath(path)) is protected by a passphrase",
                remedy: .act("save the key without the passphrase: openssl pkey -in \(path) -out KEY.pem")
            )
        }
        return path
    }

    /// A file by its path as written: the path to open, and the file's content.
    func named(_ written: String) throws(Complaint) -> (path: String, bytes: [UInt8]) {
        let path = path(written)
        return (path, try content(of: path))
    }
}
