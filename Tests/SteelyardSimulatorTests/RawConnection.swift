import Glibc

/// A TCP connection that sends and receives exactly the bytes it is told, over blocking calls.
final class RawConnection {
    enum Ending: Equatable {
        case fin, reset, stillOpen
    }

    private var descriptor: CInt

    init(port: Int) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        // If a byte is lost, the test must fail and not hang.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { if descriptor >= 0 { close() } }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// The bytes of one read; empty at the end.
    private func receive(_ ending: inout Ending?, limit: Int = 65_536) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count == 0 { ending = .fin }
        if count < 0 { ending = errno == ECONNRESET ? .reset : .stillOpen }
        return Array(bytes.prefix(max(count, 0)))
    }

    /// Everything up to the end of the connection.
    func receiveAll() -> (text: String, ending: Ending) {
        let (bytes, ending) = receiveAllBytes()
        return (String(decoding: bytes, as: UTF8.self), ending)
    }

    func receiveAllBytes() -> (bytes: [UInt8], ending: Ending) {
        var (received, ending) = ([UInt8](), Ending?.none)
        while ending == nil { received += receive(&ending) }
        return (received, ending ?? .fin)
    }

    /// Exactly that many bytes; fewer if the connection ends first.
    func receive(count: Int) -> String {
        var (received, ending) = ([UInt8](), Ending?.none)
        while ending == nil, received.count < count { received += receive(&ending, limit: count - received.count) }
        return String(decoding: received, as: UTF8.self)
    }

    func close() {
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// The bytes up to and including this end; fewer if the connection ends first.
    func receive(through end: String) -> String {
        var (received, ending) = ([UInt8](), Ending?.none)
        while ending == nil, !received.ends(with: end.utf8) { received += receive(&ending) }
        return String(decoding: received, as: UTF8.self)
    }

    /// An answer of known length.
    func receiveAnswer() -> ReceivedAnswer {
        var (received, ending) = ([UInt8](), Ending?.none)
        while ending == nil {
            received += receive(&ending)
            let answer = ReceivedAnswer(String(decoding: received, as: UTF8.self))
            if answer.isComplete { return answer }
        }
        return ReceivedAnswer(String(decoding: received, as: UTF8.self))
    }
}

extension Array<UInt8> {
    fileprivate func ends(with end: String.UTF8View) -> Bool { suffix(end.count).elementsEqual(end) }
}

/// An answer taken apart: just enough for tests, where the simulator's own bytes are the subject.
struct ReceivedAnswer {
    let head: String
    let rawBody: String

    init(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            (head, rawBody) = (text, "")
            return
        }
        head = String(text[..<end.lowerBound])
        rawBody = String(text[end.upperBound...])
    }

    var statusLine: Substring { head.prefix { $0 != "\r\n" } }
    var status: Int? { Int(statusLine.split(separator: " ").dropFirst().first ?? "") }

    func header(_ name: String) -> String? {
        let prefix = name + ": "
        return head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(prefix) }.map {
            String($0.dropFirst(prefix.count))
        }
    }

    var isChunked: Bool { header("transfer-encoding") == "chunked" }

    var isComplete: Bool {
        if status == 204 { return statusLine != head }
        if isChunked { return rawBody.utf8.count >= 5 && rawBody.hasSuffix("0\r\n\r\n") }
        return header("content-length").flatMap { Int($0) }.map { rawBody.utf8.count >= $0 } ?? false
    }

    /// The body without chunk framing.
    var body: String {
        guard isChunked else { return rawBody }
        var (body, rest) = ([UInt8](), Array(rawBody.utf8)[...])
        while let end = rest.firstIndex(of: 10),
            let size = Int(String(decoding: rest[..<(end - 1)], as: UTF8.self), radix: 16)
        {
            body += rest[(end + 1)...].prefix(size)
            rest = rest[(end + 1)...].dropFirst(size + 2)
        }
        return String(decoding: body, as: UTF8.self)
    }

    /// The data of each event of a stream.
    var events: [String] {
        body.split(separator: "\n\n").map { String($0.drop { $0 != " " }.dropFirst()) }
    }
}
