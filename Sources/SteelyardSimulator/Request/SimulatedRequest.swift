import NIOCore
import NIOHTTP1

/// A request as it arrived, with its directives for the simulator.
struct SimulatedRequest: Sendable {
    let method: String
    /// The target as sent.
    let target: String
    /// The target without its query.
    let path: Substring
    let headers: HTTPHeaders
    let isHTTP10: Bool
    let keepsAlive: Bool
    let body: ByteBuffer
    /// The connection it came on, counted from 1.
    let connection: Int
    /// Its number on that connection, counted from 1.
    let number: Int
    let directives: Directives
    /// What is wrong with the request's own `x-simulate` header.
    let directiveProblem: DirectiveProblem?

    init(_ head: HTTPRequestHead, body: ByteBuffer, connection: Int, number: Int, defaults: Directives) {
        method = head.method.rawValue
        target = head.uri
        path = target[..<(target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex)]
        headers = head.headers
        isHTTP10 = head.version == .http1_0
        // After an upgrade request the parser reads no further requests, so the connection cannot continue.
        keepsAlive = head.isKeepAlive && !head.headers.contains(name: "upgrade")
        self.body = body
        self.connection = connection
        self.number = number
        (directives, directiveProblem) = Self.directives(in: head.headers, defaults)
    }

    private static func directives(in headers: HTTPHeaders, _ defaults: Directives) -> (Directives, DirectiveProblem?) {
        guard let list = headers.first(name: "x-simulate") else { return (defaults, nil) }
        var directives = defaults
        do throws(DirectiveProblem) {
            try directives.apply(list)
            return (directives, nil)
        } catch {
            return (defaults, error)
        }
    }

    /// The value of a query parameter, not decoded.
    func query(_ name: String) -> String? {
        for pair in target.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") where pair.hasPrefix(name + "=")
        {
            return String(pair.dropFirst(name.utf8.count + 1))
        }
        return nil
    }

    /// The body as a JSON object; `nil` when it is none.
    func object() -> JSONObject? { JSONObject(Array(body.readableBytesView)) }
}
