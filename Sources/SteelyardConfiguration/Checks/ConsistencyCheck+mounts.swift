import SteelyardPolicy

extension ConsistencyCheck {
    /// The admin paths; on a shared address, no mount may hide them.
    private static let adminPaths = ["/metrics", "/healthz", "/readyz", "/admin", "/console"]
    /// The prefix with which a request names its team (`/team/NAME/v1/…`); no mount may hide it.
    private static let teamPrefix = "/team"

    /// Every path belongs to one provider or to Steelyard itself: mounts must not overlap.
    func checkMounts() {
        let providers = configuration.providers.filter { isAsWritten(mountKey($0)) }
        for (position, provider) in providers.enumerated() {
            checkReserved(provider)
            checkOverlap(provider, with: providers[..<position])
        }
    }

    private func checkOverlap(_ provider: ProviderSettings, with earlier: ArraySlice<ProviderSettings>) {
        guard let other = earlier.first(where: { Mount.overlap(provider.mount, $0.mount) }) else { return }
        let place = line(of: mountKey(other)).map { " on line \($0)" } ?? ""
        report(
            mountKey(provider),
            "\(provider.mount) overlaps \(other.mount) of \(other.name)\(place)",
            remedy: "write mount: \(freeMount(for: provider))"
        )
    }

    private func checkReserved(_ provider: ProviderSettings) {
        guard let path = reservedPaths.first(where: { Mount.overlap(provider.mount, $0) }) else { return }
        report(
            mountKey(provider),
            "\(provider.mount) overlaps \(path), which Steelyard answers itself",
            remedy: "write mount: \(freeMount(for: provider))"
        )
    }

    private var reservedPaths: [String] {
        (configuration.adminSharesDataListener ? Self.adminPaths : []) + [Self.teamPrefix]
    }

    private func freeMount(for provider: ProviderSettings) -> String {
        let own = "/\(provider.name)/v1"
        return reservedPaths.contains { Mount.overlap(own, $0) } ? "/ai/\(provider.name)" : own
    }

    private func mountKey(_ provider: ProviderSettings) -> String { "providers.\(provider.name).mount" }
}
