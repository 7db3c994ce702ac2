/// How figures are written in the demo's tables.
enum DemoFigures {
    /// 12,345
    static func grouped(_ count: Double) -> String {
        var digits = String(whole(count))
        var end = digits.count - 3
        while end > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
            end -= 3
        }
        return digits
    }

    /// Ten-thousandths of a dollar.
    static func dollars(_ amount: Double) -> String {
        let units = whole(amount * 10_000)
        let fraction = String(units % 10_000)
        return "\(units / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }

    /// Three digits and a unit; `–` if there are no observations.
    static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        if seconds >= 10 { return "\(whole(seconds)) s" }
        if seconds >= 1 { return "\((seconds * 10).rounded() / 10) s" }
        if seconds >= 0.001 { return "\(whole(seconds * 1000)) ms" }
        return "\(whole(seconds * 1_000_000)) µs"
    }

    /// The time until an instant: `12 min`, `9 h`, `10 d`.
    static func distance(_ seconds: Double) -> String {
        if seconds < 7200 { return "\(whole(seconds / 60)) min" }
        if seconds < 172_800 { return "\(whole(seconds / 3600)) h" }
        return "\(whole(seconds / 86_400)) d"
    }

    /// A limit as ten cells: spent, reserved, left.
    static func bar(spent: Double, held: Double, limit: Double) -> String {
        let cells = 10
        guard limit > 0 else { return String(repeating: "░", count: cells) }
        let full = min(cells, whole(spent / limit * Double(cells)))
        let taken = min(cells, max(full, whole((spent + held) / limit * Double(cells))))
        return String(repeating: "█", count: full) + String(repeating: "▒", count: taken - full)
            + String(repeating: "░", count: cells - taken)
    }

    /// A name aligned left, cut to its columns, and cells aligned right.
    static func row(_ name: String, _ nameWidth: Int, _ cells: [String], _ widths: [Int]) -> String {
        let label = name.count > nameWidth ? String(name.prefix(nameWidth - 1)) + "…" : name
        var line = label + String(repeating: " ", count: nameWidth - label.count)
        for (cell, width) in zip(cells, widths) {
            line += String(repeating: " ", count: max(1, width - cell.count)) + cell
        }
        return line
    }

    /// The nearest whole number that is not negative; scraped values can be anything.
    private static func whole(_ value: Double) -> Int { value > 0 ? Int(min(value, 1e15).rounded()) : 0 }
}
