/// A decimal number read from text without loss: `significand × 10^exponent`.
///
/// Prices, limits and durations arrive as text and must never pass through binary floating point, because `0.1` has no
/// exact `Double`. Equal numbers compare equal however they are written: `1.50`, `1.5` and `15e-1` are one value.
public struct ExactDecimal: Hashable, Sendable {
    /// The digits, without trailing zeros; negative for a negative number.
    public let significand: Int64
    /// The power of ten by which the digits are multiplied; 0 if the number is zero.
    public let exponent: Int

    /// Reads the number grammar of RFC 8259 §6 (`-1`, `0.25`, `1.25e-07`), and nothing else.
    ///
    /// - Throws: what is wrong with the text. The limits are 18 significant digits and exponents within ±999.
    public init(parsing text: Span<UInt8>) throws(DecimalProblem) {
        var reader = DecimalReader()
        for index in text.indices { try reader.receivedByte(text[index]) }
        self = try reader.finished()
    }

    /// Reads a number from a string; see ``init(parsing:)-(Span<UInt8>)``.
    public init(parsing text: some StringProtocol) throws(DecimalProblem) {
        var reader = DecimalReader()
        for byte in text.utf8 { try reader.receivedByte(byte) }
        self = try reader.finished()
    }

    /// Makes a whole number.
    public init(_ integer: Int64) {
        self.init(significand: integer, exponent: 0)
    }

    /// Makes `significand × 10^exponent`, moving trailing zeros of the digits into the exponent.
    init(significand: Int64, exponent: Int) {
        var (significand, exponent) = (significand, significand == 0 ? 0 : exponent)
        while significand != 0, significand % 10 == 0 {
            (significand, exponent) = (significand / 10, exponent + 1)
        }
        (self.significand, self.exponent) = (significand, exponent)
    }
}

extension ExactDecimal {
    /// The number times `10^power` as an integer; nil if it is not whole or does not fit.
    public func scaled(byPowerOfTen power: Int) -> Int64? {
        if significand == 0 { return 0 }
        guard exponent + power >= 0, let factor = Self.powerOfTen(exponent + power) else { return nil }
        let (product, overflow) = significand.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// The number times `10^power`, rounded half away from zero; clamped to the range of `Int64`.
    public func rounded(toPowerOfTen power: Int) -> Int64 {
        let shift = exponent + power
        if shift >= 0 { return scaled(byPowerOfTen: power) ?? (significand < 0 ? .min : .max) }
        guard let divisor = Self.powerOfTen(-shift) else { return 0 }
        let (quotient, remainder) = significand.quotientAndRemainder(dividingBy: divisor)
        let awayFromZero = remainder.magnitude >= divisor.magnitude - remainder.magnitude
        return awayFromZero ? quotient + significand.signum() : quotient
    }

    /// `10^power` for 0 … 18, the powers that fit into `Int64`.
    static func powerOfTen(_ power: Int) -> Int64? {
        guard (0...18).contains(power) else { return nil }
        return (0..<power).reduce(1) { value, _ in value &* 10 }
    }
}

/// Why a text is not a decimal number.
public enum DecimalProblem: Error, Hashable, Sendable {
    /// An empty text, a stray character, or a missing part of the number (`1.`, `e5`, `--1`).
    case malformed
    /// A whole part that starts with 0 and continues (`007`): RFC 8259 forbids it, and other readers read it as octal.
    case leadingZero
    /// More than 18 significant digits.
    case tooManyDigits
    /// An exponent beyond ±999.
    case exponentTooLarge
}
