import CCurl

/// The libcurl that this process runs with, which may differ from the one it was built with.
public enum UpstreamLibrary {
    /// Its version: `7.88.1`.
    public static var version: String { ccurl_version().map { String(cString: $0.pointee.version) } ?? "unknown" }
}
