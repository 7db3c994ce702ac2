/// A label of a family. A label whose values can grow without bound is declared ``folding(_:)``.
public struct LabelName: Sendable, Hashable, ExpressibleByStringLiteral {
    let text: String
    let folds: Bool

    /// A label with a bounded set of values: a status, a configured name.
    public init(stringLiteral text: String) { self.init(text, folds: false) }

    /// A label whose value becomes `other` in new series once the registry is full.
    public static func folding(_ text: String) -> LabelName { LabelName(text, folds: true) }

    private init(_ text: String, folds: Bool) {
        self.text = text
        self.folds = folds
    }
}

/// The name and meaning of a family, checked when it is declared: a wrong name is a bug, found the first time the
/// program runs.
struct FamilyDescriptor: Sendable {
    enum Kind: String { case counter, gauge, histogram }

    let name: String
    let nameBytes: [UInt8]
    let kind: Kind
    let labels: [LabelName]
    private let textHead: [UInt8]
    private let openMetricsHead: [UInt8]

    init(_ name: String, _ kind: Kind, help: String, labels: [LabelName]) {
        Self.check(name, kind)
        Self.check(labels, of: name)
        self.name = name
        self.kind = kind
        self.labels = labels
        nameBytes = Array(name.utf8)
        textHead = Self.textHead(name, kind, help)
        openMetricsHead = Self.openMetricsHead(name, kind, help)
    }

    /// The metadata lines of the family.
    func head(_ format: ExpositionFormat) -> [UInt8] { format.isOpenMetrics ? openMetricsHead : textHead }

    /// `a="x",b="y"`, escaped, without braces.
    func labelBytes(_ values: [String]) -> [UInt8] {
        var text: [UInt8] = []
        for (label, value) in zip(labels, values) {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: label.text.utf8)
            text.append(text: "=\"")
            text.append(escaped: value)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }

    /// Every name that a sample or a metadata line of this family uses in either format; two families must not share
    /// one (OpenMetrics 1.0 "Suffixes").
    var takenNames: [String] {
        let family = Self.openMetricsName(name, kind)
        return switch kind {
        case .counter: [family, name, family + "_created"]
        case .gauge: [name]
        case .histogram: [name, name + "_bucket", name + "_sum", name + "_count", name + "_created"]
        }
    }
}

extension FamilyDescriptor {
    private static func textHead(_ name: String, _ kind: Kind, _ help: String) -> [UInt8] {
        var head = Array("# HELP \(name) ".utf8)
        head.append(help: help, format: .text)
        head.append(contentsOf: "\n# TYPE \(name) \(kind.rawValue)\n".utf8)
        return head
    }

    /// TYPE, UNIT, HELP, in the order that OpenMetrics 1.0 "MetricFamily metadata" requires.
    private static func openMetricsHead(_ name: String, _ kind: Kind, _ help: String) -> [UInt8] {
        let family = openMetricsName(name, kind)
        var head = Array("# TYPE \(family) \(kind.rawValue)\n".utf8)
        if let unit = units.first(where: { family.hasSuffix("_" + $0) }) {
            head.append(contentsOf: "# UNIT \(family) \(unit)\n".utf8)
        }
        head.append(contentsOf: "# HELP \(family) ".utf8)
        head.append(help: help, format: .openMetrics(escaping: nil))
        head.appendLineFeed()
        return head
    }

    /// The family's name in OpenMetrics, where only the samples have `_total`.
    private static func openMetricsName(_ name: String, _ kind: Kind) -> String {
        kind == .counter ? String(name.dropLast("_total".count)) : name
    }

    private static let units = ["seconds", "bytes", "usd", "ratio"]
}

extension FamilyDescriptor {
    private static func check(_ name: String, _ kind: Kind) {
        precondition(isName(name, colons: true), "not a metric name: \(name)")
        precondition(
            name.hasSuffix("_total") == (kind == .counter),
            "counters, and only they, end in _total: \(name)"
        )
    }

    private static func check(_ labels: [LabelName], of name: String) {
        for label in labels {
            precondition(isName(label.text, colons: false), "not a label name: \(label.text) of \(name)")
            precondition(!label.text.hasPrefix("__"), "names with two underscores belong to Prometheus: \(label.text)")
            precondition(!["le", "quantile"].contains(label.text), "\(label.text) belongs to the format: \(name)")
        }
        precondition(Set(labels.map(\.text)).count == labels.count, "a label of \(name) is declared twice")
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, for metrics with colons too (OpenMetrics 1.0 ABNF).
    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: colons && byte == UInt8(ascii: ":")
            }
        }
    }
}
