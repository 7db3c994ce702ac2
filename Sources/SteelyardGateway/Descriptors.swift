import Glibc

/// The limit of open files. Every connection uses some.
enum Descriptors {
    /// What threads, listeners and a few connections need. With less, libraries end the process instead of reporting an
    /// error.
    private static let minimum = 64

    /// The soft limit (`getrlimit(2)`); nil when it cannot be read.
    static var limit: Int64? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int64(clamping: limit.rlim_cur)
    }

    /// Throws if there are too few to start.
    static func check() throws(GatewayError) {
        guard let limit, limit < minimum else { return }
        throw .noResources("the limit of open files is \(limit); raise it to at least \(minimum) (ulimit -n)")
    }
}
