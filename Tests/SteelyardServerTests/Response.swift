import Foundation

/// A response taken apart: just enough for tests, where our own bytes are the subject.
struct Response {
    var status: Int
    /// The head with its blank line.
    var head: String
    /// The body without chunk framing.
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the first field of this lower-case name.
    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    /// OpenAI's error envelope; nil when the body is none.
    var envelope: ErrorFields? { ErrorFields(body) }

    /// The first response of `bytes` and its length; nil when it is not whole.
    static func parse(_ bytes: [UInt8], toHEAD: Bool) -> (Response, Int)? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        var response = Response(
            status: Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0,
            head: head,
            body: []
        )
        if toHEAD || response.status == 204 || response.status == 304 || response.status == 100 {
            return (response, end)
        }
        if response.field("transfer-encoding") == "chunked" {
            guard let (body, length) = dechunked(bytes[end...]) else { return nil }
            response.body = body
            return (response, end + length)
        }
        guard let length = response.field("content-length").flatMap({ Int($0) }), bytes.count >= end + length else {
            return nil
        }
        response.body = Array(bytes[end..<(end + length)])
        return (response, end + length)
    }

    /// A whole chunked body and the length of its framed form; nil when its last chunk is missing.
    static func dechunked(_ framed: ArraySlice<UInt8>) -> (body: [UInt8], length: Int)? {
        var (body, rest) = ([UInt8](), framed)
        while let lineEnd = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<lineEnd.lowerBound], as: UTF8.self), radix: 16),
                rest.endIndex >= lineEnd.upperBound + size + 2
            else { return nil }
            body += rest[lineEnd.upperBound..<(lineEnd.upperBound + size)]
            rest = rest[(lineEnd.upperBound + size + 2)...]
            if size == 0 { return (body, rest.startIndex - framed.startIndex) }
        }
        return nil
    }
}

/// The members of OpenAI's error envelope.
struct ErrorFields: Equatable {
    var type: String
    var code: String
    var message: String

    init?(_ body: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let error = object["error"] as? [String: Any], error.keys.contains("param"),
            let type = error["type"] as? String, let code = error["code"] as? String,
            let message = error["message"] as? String
        else { return nil }
        (self.type, self.code, self.message) = (type, code, message)
    }
}
