import CCurl
import Glibc

extension DialAttempt {
    /// How the attempt ended, according to libcurl's result. A connected socket is taken out of libcurl's hands.
    func outcome(of result: CURLcode, leaving inert: InertSocket) -> Result<Int32, DialFailure> {
        guard result == CURLE_OK else { return .failure(failure(result)) }
        let descriptor = ccurl_active_socket(easy)
        return descriptor >= 0 ? inert.replace(descriptor) : .failure(unreachable)
    }

    /// What this side knows comes first, because libcurl reports all of it as the same few codes.
    private func failure(_ result: CURLcode) -> DialFailure {
        if refusedLinkLocal { return .linkLocal }
        if socketError != 0 { return .system(code: socketError) }
        let status = ccurl_connect_status(easy)
        if status != 0, !(200..<300).contains(status) { return .proxyRefused(status: status) }
        return failureByCode(result)
    }

    private func failureByCode(_ result: CURLcode) -> DialFailure {
        switch result {
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_COULDNT_RESOLVE_HOST: .unknownHost
        case CURLE_COULDNT_RESOLVE_PROXY: .unknownProxy
        case CURLE_COULDNT_CONNECT: unreachable
        case CURLE_OUT_OF_MEMORY: .system(code: ENOMEM)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .unusableTarget
        default: dial.target.proxy == nil ? unreachable : .proxyFailed
        }
    }

    private var unreachable: DialFailure {
        let code = ccurl_system_error(easy)
        return dial.target.proxy == nil ? .unreachable(code: code) : .proxyUnreachable(code: code)
    }
}
