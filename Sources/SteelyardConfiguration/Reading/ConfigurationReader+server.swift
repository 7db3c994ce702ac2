import SteelyardPolicy

extension ConfigurationReader {
    /// `server`.
    func server() -> ServerSettings {
        let section = root.section("server", known: ["listen", "tls", "cors", "limits", "timeouts"])
        return ServerSettings(
            listen: section.read("listen", default: .standard, ListenAddress.init(parsing:)),
            tls: section["tls"].flatMap(tls),
            origins: origins(section),
            limits: limits(section),
            timeouts: timeouts(section)
        )
    }

    private func origins(_ server: Section) -> AllowedOrigins {
        let section = server.section("cors", known: ["origins"])
        guard let value = section["origins"] else { return .none }
        var origins: [String] = []
        for item in value.items() {
            if item.isWord("*") { return onlyItem(of: value) }
            guard let origin = item.read(WebOrigin.read) else { continue }
            if origins.contains(origin) {
                item.report(Complaint(message: "lists \(origin) twice", remedy: .act("remove one of them")))
            }
            origins.append(origin)
        }
        return .listed(origins)
    }

    /// `*` makes all other items pointless, so the file probably does not say what its author meant.
    private func onlyItem(of value: Value) -> AllowedOrigins {
        if value.items().count > 1 {
            let remedy = "write origins: [\"*\"], or name each origin without it"
            value.report(Complaint(message: "lists * together with other origins", remedy: .act(remedy)))
        }
        return .any
    }

    private func tls(_ value: Value) -> TLSSettings? {
        let section = Section(value, known: ["certificate", "private_key", "client_ca"])
        let certificate = section.required("certificate", example: "fullchain.pem")?.read(files.requireCertificates)
        let key = section.required("private_key", example: "privkey.pem")?.read(files.requirePrivateKey)
        let authority = section["client_ca"]?.read(files.requireCertificates)
        guard let certificate, let key else { return nil }
        return TLSSettings(certificateFile: certificate, privateKeyFile: key, clientAuthorityFile: authority)
    }

    private func limits(_ server: Section) -> ServerLimits {
        let section = server.section("limits", known: ["connections", "header_bytes", "body_bytes", "gather_bytes"])
        let standard = ServerLimits()
        return ServerLimits(
            connections: section.wholeNumber("connections", in: 1...1_000_000, default: standard.connections),
            headerBytes: section.bytes("header_bytes", in: 1 << 10...1 << 20, default: standard.headerBytes),
            bodyBytes: section.bytes("body_bytes", in: 1 << 10...1 << 32, default: standard.bodyBytes),
            gatherBytes: section.bytes("gather_bytes", in: 1 << 10...1 << 40, default: standard.gatherBytes)
        )
    }

    private func timeouts(_ server: Section) -> ServerTimeouts {
        let section = server.section("timeouts", known: ["header", "body", "idle", "write_stall", "drain"])
        let standard = ServerTimeouts()
        return ServerTimeouts(
            headerSeconds: section.seconds("header", default: standard.headerSeconds),
            bodySeconds: section.seconds("body", default: standard.bodySeconds),
            idleSeconds: section.seconds("idle", default: standard.idleSeconds),
            writeStallSeconds: section.seconds("write_stall", default: standard.writeStallSeconds),
            // Nothing else may be zero: a drain of 0s ends every exchange at once, which is a choice.
            drainSeconds: section.seconds("drain", inMilliseconds: 0...86_400_000, default: standard.drainSeconds)
        )
    }
}
