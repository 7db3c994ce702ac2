import CCurl
import Glibc
import Synchronization

/// Opens TCP connections and hands over their sockets: libcurl looks names up, tries several addresses side by side
/// (RFC 8305) and asks proxies. What is spoken on the socket, TLS included, is the receiver's.
///
/// One thread runs one libcurl multi handle. Every method may be called from any thread, `shutdown` not from a
/// completion.
public final class Dialer: Sendable {
    private let inbox: DialInbox
    private let thread: Mutex<DialerThread?>

    /// Starts the thread.
    ///
    /// - Parameter guards: What keeps a connection on its way; production uses all of them.
    /// - Throws: When the system has no descriptors, threads or memory left.
    public init(guards: DialGuards = .all) throws(DialerSetupError) {
        try Self.prepareProcess()
        let loop = try DialLoop(guards: guards)
        inbox = loop.inbox
        thread = Mutex(try DialerThread(running: loop))
    }

    deinit { shutdown() }

    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - target: Where it goes.
    ///   - seconds: The longest time for name lookup, connection and the proxy's tunnel together; at least 1 ms.
    ///   - completion: Called once, on the dialer's thread, which it must not block. It gets a connected, non-blocking
    ///     descriptor that the receiver owns and closes, or the failure. After ``shutdown()`` it is called before this
    ///     method returns.
    /// - Returns: The caller's handle, to cancel it.
    @discardableResult
    public func dial(
        _ target: DialTarget,
        within seconds: Double,
        completion: @escaping @Sendable (Result<Int32, DialFailure>) -> Void
    ) -> Dial {
        let dial = Dial(target, within: seconds, inbox: inbox, completion: completion)
        if !inbox.push(.start(dial)) { dial.end(.failure(.cancelled)) }
        return dial
    }

    /// Cancels what is open, calls its completions and waits for the thread. A second call does nothing.
    public func shutdown() {
        inbox.push(.stop)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    /// The libcurl that this process runs with, which may differ from the one it was built with: `7.88.1`.
    public static var libraryVersion: String {
        ccurl_version().map { String(cString: $0.pointee.version) } ?? "unknown"
    }

    /// Prepares libcurl once per process, before its first use. If this fails, every later call gets the same error.
    private static let globalResult: CURLcode = {
        // A peer that closes early must be an error of one connection, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(ccurl_global_default)
    }()

    private static func prepareProcess() throws(DialerSetupError) {
        guard globalResult == CURLE_OK else {
            throw DialerSetupError(step: "curl_global_init", code: Int32(bitPattern: globalResult.rawValue))
        }
    }
}
