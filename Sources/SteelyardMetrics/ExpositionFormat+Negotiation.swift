extension ExpositionFormat {
    /// Chooses the format for the value of an `accept` field (several fields joined by commas).
    ///
    /// The media range with the highest weight whose format we print wins; of equal ones, the first. A wildcard means
    /// text, because people and simple tools send it. Anything else also gets text and never 406: a scrape in any
    /// format is better than none (Prometheus "Content negotiation": 0.0.4 is the last resort).
    public static func negotiated(accept: String?) -> ExpositionFormat {
        var best = (format: ExpositionFormat.text, weight: 0)
        for range in (accept ?? "").split(separator: ",") {
            let range = MediaRange(range)
            guard let format = range.format, range.weight > best.weight else { continue }
            best = (format, range.weight)
        }
        return best.format
    }
}

/// One member of an `accept` field (RFC 9110 §12.5.1), in lower case.
private struct MediaRange {
    private var type: String
    private var version: String?
    private var escaping: String?
    /// The weight in thousandths; 0 means "not this one".
    private(set) var weight = 1000

    init(_ text: Substring) {
        let parts = text.lowercased().split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        type = String(parts[0])
        for parameter in parts.dropFirst() { receive(parameter) }
    }

    private mutating func receive(_ parameter: Substring) {
        let pair = parameter.split(separator: "=", maxSplits: 1)
        guard pair.count == 2 else { return }
        let value = pair[1].trimmed.unquoted
        switch pair[0].trimmed {
        case "q": weight = Self.thousandths(value)
        case "version": version = String(value)
        case "escaping": escaping = String(value)
        default: break
        }
    }

    /// The format that this range asks for; nil for formats that we do not print, such as protobuf or OpenMetrics
    /// 0.0.1.
    var format: ExpositionFormat? {
        switch (type, version ?? "") {
        case ("application/openmetrics-text", ""), ("application/openmetrics-text", "1.0.0"):
            .openMetrics(escaping: escaping.map { .init(rawValue: $0) ?? .underscores })
        case ("text/plain", ""), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _): .text
        default: nil
        }
    }

    /// A qvalue (RFC 9110 §12.4.2) in thousandths; 0 if it is not one, which excludes the range.
    private static func thousandths(_ text: Substring) -> Int {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "1", digits.utf8.count <= 3, digits.utf8.allSatisfy(\.isDecimalDigit)
        else { return 0 }
        let fraction = Int(digits + String(repeating: "0", count: 3 - digits.utf8.count)) ?? 0
        return parts[0] == "1" ? 1000 : fraction
    }
}

extension Substring {
    /// Without the optional white space around it (RFC 9110 §5.6.3).
    fileprivate var trimmed: Substring {
        let isText = { (character: Character) in character != " " && character != "\t" }
        guard let first = firstIndex(where: isText), let last = lastIndex(where: isText) else { return "" }
        return self[first...last]
    }

    /// The text without the quotation marks of a quoted string; no value that we know contains an escape.
    fileprivate var unquoted: Substring {
        guard count >= 2, first == "\"", last == "\"" else { return self }
        return dropFirst().dropLast()
    }
}

extension UInt8 {
    fileprivate var isDecimalDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
