import SteelyardPolicy

/// An amount of money as proxy.yaml writes it: `500`, `12.50`; read digit by digit, never through floating point.
enum Dollars {
    /// The largest possible limit.
    private static let largest: Int64 = 1_000_000_000

    /// Reads an amount above zero.
    static func read(_ text: String) throws(Complaint) -> MoneySum {
        guard let number = PlainDecimal(text)?.number else {
            // Keeps separators between digits: 12,50 and 1,500 mean different amounts in different countries.
            let likely = text.replacing("USD", with: "").filter { !"$_ ".contains($0) }
            let suggestion = PlainDecimal(likely)?.number.flatMap { try? amount(of: $0, as: likely) }?.usdText
            throw .expected("an amount of dollars", got: text, write: suggestion ?? "500")
        }
        return try amount(of: number, as: text)
    }

    private static func amount(of number: ExactDecimal, as text: String) throws(Complaint) -> MoneySum {
        guard number.significand > 0 else {
            throw Complaint(
                message: "must be more than 0",
                remedy: .act("write an amount above 0; to let a team send nothing, write models: { deny: [\"*\"] }")
            )
        }
        guard number.exponent >= -12 else {
            throw Complaint(message: "is finer than a picodollar: \(text)", remedy: .act("write at most 12 decimals"))
        }
        let picodollars = number.exponent > 9 ? nil : number.scaled128(byPowerOfTen: 12)
        guard let picodollars, picodollars <= Int128(largest) * 1_000_000_000_000 else {
            throw Complaint(message: "must be \(largest) or less, got \(text)", remedy: .write("\(largest)"))
        }
        return MoneySum(picodollars)
    }
}

/// A fraction in thousandths: `0.7`, `0.925`.
enum Permille {
    /// Reads a fraction above zero and at most one.
    static func read(_ text: String) throws(Complaint) -> Int {
        let number = PlainDecimal(text)?.number
        if let permille = number?.scaled(byPowerOfTen: 3), (1...1_000).contains(permille) { return Int(permille) }
        throw Complaint(
            message: "must be more than 0 and at most 1, with up to 3 decimals, got \(Complaint.quoted(text))",
            remedy: .write("[\(likely(text))]")
        )
    }

    /// `80`, `80%` and `.8` probably mean `0.8`.
    private static func likely(_ text: String) -> String {
        let digits = text.filter { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = PlainDecimal(digits.hasPrefix(".") ? "0" + digits : digits)?.number else { return "0.8" }
        let percent = number.scaled(byPowerOfTen: 1).flatMap { (20...1_000).contains($0) ? $0 : nil }
        let part = number.scaled(byPowerOfTen: 3).flatMap { (1...1_000).contains($0) ? $0 : nil }
        return Self.text(Int(part ?? percent ?? 800))
    }

    /// The text for proxy.yaml: 700 is `0.7`.
    static func text(_ permille: Int) -> String {
        Picodollars(Int64(permille) * 1_000_000_000).usdText
    }
}

/// Digits and at most one point; other JSON numbers (`-1`, `1e3`) are not accepted here.
private struct PlainDecimal {
    let number: ExactDecimal?

    /// Reads a number; nil for anything else.
    init?(_ text: String) {
        guard (1...40).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let number = try? ExactDecimal(parsing: text)
        else { return nil }
        self.number = number
    }
}

extension ExactDecimal {
    /// The number times `10^power`, for a whole result of at most 10³⁸.
    fileprivate func scaled128(byPowerOfTen power: Int) -> Int128 {
        (0..<max(0, exponent + power)).reduce(Int128(significand)) { value, _ in value &* 10 }
    }
}
