import Foundation

/// A parsed answer: just enough for tests, because our own bytes are what they test.
struct ReceivedAnswer {
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

    /// OpenAI's error envelope; nil if the body is not one.
    var envelope: ErrorFields? { ErrorFields(body) }

    /// What the bytes at the start of a connection's output make.
    enum Parsed {
        /// An answer and its length in bytes.
        case whole(ReceivedAnswer, byteCount: Int)
        /// Not an answer yet: it needs more bytes than these.
        case partial(neededCount: Int)
    }

    static func parse(_ bytes: [UInt8], toHEAD: Bool) -> Parsed {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else {
            return .partial(neededCount: bytes.count + 1)
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        var answer = ReceivedAnswer(status: status, head: head, body: [])
        if toHEAD || [100, 204, 304].contains(status) { return .whole(answer, byteCount: end) }
        if answer.field("transfer-encoding") == "chunked" {
            guard let (body, length) = dechunked(bytes[end...]) else { return .partial(neededCount: bytes.count + 1) }
            answer.body = body
            return .whole(answer, byteCount: end + length)
        }
        let length = answer.field("content-length").flatMap { Int($0) } ?? .max - end
        guard bytes.count >= end + length else { return .partial(neededCount: end + length) }
        answer.body = Array(bytes[end..<(end + length)])
        return .whole(answer, byteCount: end + length)
    }

    /// A whole chunked body and the length of its framed form; nil if its last chunk is missing.
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
