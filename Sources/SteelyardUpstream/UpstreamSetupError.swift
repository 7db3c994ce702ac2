/// The system refused what the upstream side needs to begin.
public struct UpstreamSetupError: Error, CustomStringConvertible {
    /// The call that failed.
    public let step: String
    /// Its error number (`errno`), or libcurl's.
    public let code: Int32

    /// What to print.
    public var description: String { "\(step) failed with error \(code)" }
}
