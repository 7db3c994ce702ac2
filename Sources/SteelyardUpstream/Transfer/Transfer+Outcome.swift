import CCurl
import SteelyardExchange
import SteelyardWire

extension Transfer {
    /// Whether libcurl's result is the one failure after which the request is sent again: it was stopped before it was
    /// sent, because the connection was unclean.
    var mayRepeat: Bool {
        if case .uncleanConnection = abort { return !hasRepeated && !hasDeparted }
        return false
    }

    /// How the transfer ended, according to libcurl's result.
    func outcome(of result: CURLcode) -> TransferEnd {
        if let abort { return end(after: abort) }
        if result == CURLE_OK { return endAfterSuccess }
        guard hasDeparted else { return end(.unreachable, refusedLinkLocal ? Self.linkLocalDetail : Self.text(result)) }
        return end(isHeadComplete ? bodyFailure(result) : headFailure(result), Self.text(result))
    }

    private static let linkLocalDetail =
        "the host has a link-local address, which this provider's settings do not allow"

    /// libcurl 7.88.1 reports success when the connection closes within a header line.
    private var endAfterSuccess: TransferEnd {
        guard isHeadComplete || !judgesHead else { return end(.malformed, "the head of the answer is incomplete") }
        return isBodyWhole ? end(nil, "") : end(.truncated, "the body is shorter than its declared length")
    }

    private func end(after abort: Abort) -> TransferEnd {
        switch abort {
        case .resend: end(.noAnswer, "the connection closed before the answer")
        case .uncleanConnection: end(.unreachable, "no unused connection could be opened")
        case .headDefect(let defect): end(.malformed, defect.rawValue)
        case .bodyLength: end(.cancelled, "the request body did not have its declared length")
        }
    }

    private func end(_ failure: TransferFailure?, _ detail: String) -> TransferEnd {
        TransferEnd(failure: failure, reachedProvider: hasDeparted, detail: detail)
    }

    /// libcurl checks a header line before our callback does: these are its own refusals.
    private func headFailure(_ result: CURLcode) -> TransferFailure {
        switch result {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            .malformed
        default: .noAnswer
        }
    }

    private func bodyFailure(_ result: CURLcode) -> TransferFailure {
        handle?.foundBrokenChunk == true ? .malformed : .truncated
    }

    /// libcurl's general text for a code; its specific text may contain a URL.
    private static func text(_ result: CURLcode) -> String { String(cString: curl_easy_strerror(result)) }
}
