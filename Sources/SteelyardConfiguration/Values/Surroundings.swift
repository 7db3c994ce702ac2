/// What a configuration may read of its machine: the only two connections of an otherwise pure reader to the outside.
public struct Surroundings: Sendable {
    /// The value of an environment variable; nil if it is not set. Used for `env:NAME`, and for
    /// `CREDENTIALS_DIRECTORY`, where systemd puts what `credential:NAME` names.
    public var variable: @Sendable (_ name: String) -> String?
    /// The content of a file. Used for `file:PATH`, `credential:NAME`, `ca_file` and `prices.file`; relative paths in
    /// proxy.yaml already start at the folder of proxy.yaml.
    public var readFile: @Sendable (_ path: String) -> FileContents
    /// Whether to fetch secrets and keys. It is false for commands that only need teams or the ledger: a person at a
    /// shell has neither the service's environment nor its credentials.
    public var fetchesSecrets = true

    /// Makes surroundings from the caller's two readers.
    public init(
        variable: @escaping @Sendable (_ name: String) -> String?,
        readFile: @escaping @Sendable (_ path: String) -> FileContents
    ) {
        self.variable = variable
        self.readFile = readFile
    }

    /// The same without secrets: each is replaced by a placeholder, and files with keys are not opened.
    public var withoutSecrets: Surroundings {
        var surroundings = self
        surroundings.fetchesSecrets = false
        return surroundings
    }

    /// A machine without variables and files.
    public static let empty = Surroundings(variable: { _ in nil }, readFile: { _ in .missing })
}

/// The result of reading a file.
public enum FileContents: Hashable, Sendable {
    /// All of it.
    case bytes([UInt8])
    /// There is no such file.
    case missing
    /// It exists but cannot be read; the reason in the system's words (`Permission denied`).
    case unreadable(String)
}
