import CCurl
import Glibc

/// A socket that is connected to nothing. libcurl is left with a copy of it when its own socket is taken away.
///
/// libcurl has no call that gives up a socket. Whatever it does with the number afterwards meets this socket, not the
/// provider's. With a close callback that does nothing, every version of libcurl would have to be trusted not to touch
/// the socket before it closes it; newer ones read from sockets that they shut down (`cf_socket_shutdown`, 8.9.1 to
/// 8.22), at present not from these.
final class InertSocket {
    private let descriptor: Int32

    init() throws(DialerSetupError) {
        descriptor = ccurl_inert_socket()
        guard descriptor >= 0 else { throw DialerSetupError(step: "socket", code: errno) }
    }

    deinit { close(descriptor) }

    /// Takes a socket away from libcurl: the result is the socket under a new number, and `taken` now means a copy of
    /// this one.
    func replace(_ taken: Int32) -> Result<Int32, DialFailure> {
        let moved = fcntl(taken, F_DUPFD_CLOEXEC, 0)
        guard moved >= 0 else { return .failure(.system(code: errno)) }
        guard ccurl_replace(taken, descriptor) >= 0 else {
            defer { close(moved) }
            return .failure(.system(code: errno))
        }
        return .success(moved)
    }
}
