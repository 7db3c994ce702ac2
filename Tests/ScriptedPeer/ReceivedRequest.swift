/// What arrived at a scripted server.
public struct ReceivedRequest: Sendable {
    /// The head with its blank line, as received.
    public var head: String
    /// The body without its framing.
    public var body: [UInt8]

    /// The first line.
    public var requestLine: String { String(head.prefix { $0 != "\r\n" }) }

    /// The field lines, without the line ends.
    public var fieldLines: [String] {
        head.split(separator: "\r\n", omittingEmptySubsequences: true).dropFirst().map(String.init)
    }

    /// The values of a field.
    public func values(of name: String) -> [String] {
        fieldLines.filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}
