/// The system refused something that the dialer needs to start.
public struct DialerSetupError: Error, CustomStringConvertible {
    /// The call that failed.
    public let step: String
    /// The error number (`errno`), or libcurl's.
    public let code: Int32

    /// The message to print.
    public var description: String { "\(step) failed with error \(code)" }
}
