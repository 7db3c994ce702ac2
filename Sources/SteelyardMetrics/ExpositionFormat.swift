/// The text format of a scrape's answer.
public enum ExpositionFormat: Sendable, Hashable {
    /// Prometheus text 0.0.4, which every scraper understands.
    case text
    /// OpenMetrics 1.0. `escaping` is the scheme that the scraper asked for, if any. All our names use the legacy
    /// alphabet, so every scheme leaves them unchanged, and we can grant any.
    case openMetrics(escaping: EscapingScheme?)

    /// How names outside `[a-zA-Z0-9_:]` are written (Prometheus "Escaping Schemes").
    public enum EscapingScheme: String, Sendable, Hashable, CaseIterable {
        /// Quoted as they are.
        case allowUTF8 = "allow-utf-8"
        /// Other characters become `_`.
        case underscores
        /// Dots become `_dot_`.
        case dots
        /// Other characters become their code point.
        case values
    }

    /// The `content-type` of the answer. Prometheus 3 fails a scrape if the type is missing or unknown.
    ///
    /// Without a requested scheme it is exactly the text that OpenMetrics 1.0 "Overall Structure" requires.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics(escaping: nil): "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .openMetrics(escaping: let scheme?):
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=\(scheme.rawValue)"
        }
    }

    var isOpenMetrics: Bool { self != .text }
}
