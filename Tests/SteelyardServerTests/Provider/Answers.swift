import SteelyardPolicy

/// The answers that many scripts send.
enum Answers {
    /// An answer with a counted body.
    static func plain(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static let ok = plain("ok")
}

extension Kernel {
    /// How many connections to the listener at `port` this process holds: those that neither side has closed, and those
    /// that only the listener's side has.
    static func heldConnections(to port: UInt16) -> Int {
        sockets(port: Int(port)).count { $0.remotePort == Int(port) && ($0.state == "01" || $0.state == "08") }
    }
}

extension ServerSettings {
    /// Changes what is configured of the provider.
    mutating func changeProvider(_ change: @escaping (inout ProviderSettings) -> Void) {
        providers = { provider in
            var provider = provider
            change(&provider)
            return [provider]
        }
    }
}
