extension ConfigurationReader {
    private static let shortest = 1
    private static let longest = 86_400_000

    /// `server`.
    func server() -> ServerSettings {
        let tls = Section.Unavailable(
            name: "tls",
            remedy: "take tls out, and let a proxy in front of Steelyard end TLS"
        )
        let section = root.section("server", known: ["listen", "limits", "timeouts"], unavailable: [tls])
        return ServerSettings(
            listen: section["listen"]?.read(ListenAddress.init(parsing:)) ?? .standard,
            limits: limits(section),
            timeouts: timeouts(section)
        )
    }

    private func limits(_ server: Section) -> ServerLimits {
        let section = server.section("limits", known: ["connections", "header_bytes", "body_bytes", "gather_bytes"])
        let standard = ServerLimits()
        return ServerLimits(
            connections: section["connections"]?.wholeNumber(in: 1...1_000_000) ?? standard.connections,
            headerBytes: section["header_bytes"]?.bytes(in: 1 << 10...1 << 20) ?? standard.headerBytes,
            bodyBytes: section["body_bytes"]?.bytes(in: 1 << 10...1 << 32) ?? standard.bodyBytes,
            gatherBytes: section["gather_bytes"]?.bytes(in: 1 << 10...1 << 40) ?? standard.gatherBytes
        )
    }

    private func timeouts(_ server: Section) -> ServerTimeouts {
        let section = server.section("timeouts", known: ["header", "body", "idle", "write_stall", "drain"])
        let standard = ServerTimeouts()
        let range = Self.shortest...Self.longest
        return ServerTimeouts(
            headerSeconds: section["header"]?.seconds(in: range) ?? standard.headerSeconds,
            bodySeconds: section["body"]?.seconds(in: range) ?? standard.bodySeconds,
            idleSeconds: section["idle"]?.seconds(in: range) ?? standard.idleSeconds,
            writeStallSeconds: section["write_stall"]?.seconds(in: range) ?? standard.writeStallSeconds,
            // Nothing else may be zero: a drain of 0s ends every exchange at once, which is a choice.
            drainSeconds: section["drain"]?.seconds(in: 0...Self.longest) ?? standard.drainSeconds
        )
    }
}
