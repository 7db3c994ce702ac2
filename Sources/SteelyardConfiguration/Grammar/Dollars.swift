import SteelyardPolicy

/// An amount of money as proxy.yaml spells it: `500`, `12.50`; read digit by digit, never through floating point.
enum Dollars {
    /// The most that a limit can be.
    private static let largest: Int64 = 1_000_000_000

    /// Reads an amount that is more than nothing.
    static func read(_ text: String) throws(Complaint) -> MoneySum {
        guard let number = PlainDecimal(text)?.number else {
            // Not what is between digits: 12,50 and 1,500 do not mean the same thing everywhere.
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

/// A part of a whole in thousandths: `0.7`, `0.925`.
enum Permille {
    /// Reads a part that is more than nothing and at most all.
    static func read(_ text: String) throws(Complaint) -> Int {
        let number = PlainDecimal(text)?.number
        if let permille = number?.scaled(byPowerOfTen: 3), (1...1_000).contains(permille) { return Int(permille) }
        throw Complaint(
            message: "must be more than 0 and at most 1, with up to 3 decimals, got \(Complaint.quoted(text))",
            remedy: .write("[\(likely(text))]")
        )
    }

    /// `80`, `80%` and `.8` are probably `0.8`.
    private static func likely(_ text: String) -> String {
        let digits = text.filter { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = PlainDecimal(digits.hasPrefix(".") ? "0" + digits : digits)?.number else { return "0.8" }
        let percent = number.scaled(byPowerOfTen: 1).flatMap { (20...1_000).contains($0) ? $0 : nil }
        let part = number.scaled(byPowerOfTen: 3).flatMap { (1...1_000).contains($0) ? $0 : nil }
        return Self.text(Int(part ?? percent ?? 800))
    }

    /// As it is written: 700 is `0.7`.
    static func text(_ permille: Int) -> String {
        Picodollars(Int64(permille) * 1_000_000_000).usdText
    }
}

/// A number of digits and at most one point; what else JSON takes for a number (`-1`, `1e3`) is none here.
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
    /// The number times `10^power`, for a result that is whole and at most 10³⁸.
    fileprivate func scaled128(byPowerOfTen power: Int) -> Int128 {
        (0..<max(0, exponent + power)).reduce(Int128(significand)) { value, _ in value &* 10 }
    }
}
