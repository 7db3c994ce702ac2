/// What a configuration may ask about the machine it is for: the two doors to the outside of an otherwise pure reader.
public struct Surroundings: Sendable {
    /// The value of an environment variable, nil when it is not set. Asked for `env:NAME`, and for
    /// `CREDENTIALS_DIRECTORY`, where systemd puts what `credential:NAME` names.
    public var variable: @Sendable (_ name: String) -> String?
    /// What a file holds. Asked for `file:PATH`, `credential:NAME`, `ca_file` and `prices.file`; a relative path in
    /// proxy.yaml has become relative to the folder of proxy.yaml.
    public var readFile: @Sendable (_ path: String) -> FileContents
    /// Whether secrets and keys are fetched. False for whoever only asks what the file says of teams or the ledger: a
    /// person at a shell has neither the service's environment nor its credentials.
    public var fetchesSecrets = true

    /// Makes surroundings from the caller's two readers.
    public init(
        variable: @escaping @Sendable (_ name: String) -> String?,
        readFile: @escaping @Sendable (_ path: String) -> FileContents
    ) {
        self.variable = variable
        self.readFile = readFile
    }

    /// The same without its secrets: each stands for itself unseen, and files with keys are not opened.
    public var withoutSecrets: Surroundings {
        var surroundings = self
        surroundings.fetchesSecrets = false
        return surroundings
    }

    /// A machine without variables and files.
    public static let empty = Surroundings(variable: { _ in nil }, readFile: { _ in .missing })
}

/// What reading a file gave.
public enum FileContents: Hashable, Sendable {
    /// All of it.
    case bytes([UInt8])
    /// There is no such file.
    case missing
    /// It is there and cannot be read; the reason in the system's words (`Permission denied`).
    case unreadable(String)
}
