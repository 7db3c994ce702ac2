/// A decimal number exactly as JSON writes it: `significand × 10^exponent`.
///
/// It is never a `Double`: providers state costs and durations as decimals, and money must not be rounded when it is
/// read.
public struct JSONNumber: Sendable, Equatable {
    /// The digits with their sign; at most 18 digits are kept.
    public var significand: Int64
    /// The power of ten.
    public var exponent: Int
    /// Whether digits beyond the eighteenth were dropped.
    public var isTruncated: Bool

    /// Makes a number from its parts.
    public init(significand: Int64, exponent: Int = 0, isTruncated: Bool = false) {
        self.significand = significand
        self.exponent = exponent
        self.isTruncated = isTruncated
    }

    /// Reads a number (RFC 8259 §6, leading zeros tolerated); `nil` if `text` is not one.
    public init?(_ text: Span<UInt8>) {
        var reader = JSONNumberReader()
        for index in 0..<text.count {
            guard reader.take(text[index]) else { return nil }
        }
        guard let number = reader.number else { return nil }
        self = number
    }

    /// The number in units of 10^−`digits`; a part of a unit counts as a whole one. `nil` if it does not fit into
    /// `Int64`.
    ///
    /// With `digits` 6, seconds become microseconds.
    public func scaled(byDigits digits: Int = 0) -> Int64? {
        guard significand != 0 else { return 0 }
        let power = exponent &+ digits
        // Multiplied by more than 10^18, the number cannot fit; divided by more than 10^18, it leaves only a fraction.
        if power > 18 { return nil }
        if power < -18 { return significand.signum() }
        let factor = Self.powersOfTen[abs(power)]
        if power >= 0 {
            let (product, overflow) = significand.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        let (quotient, remainder) = significand.quotientAndRemainder(dividingBy: factor)
        return quotient &+ remainder.signum()
    }

    private static let powersOfTen: [Int64] = (0...18).map { power in (0..<power).reduce(1) { value, _ in value * 10 } }
}

/// Reads a number byte by byte.
private struct JSONNumberReader {
    private enum Part {
        case sign, integer, fraction, exponentSign, exponent
    }

    private var part = Part.sign
    private var isNegative = false
    private var isExponentNegative = false
    private var hasDigits = false
    private var hasExponentDigits = false
    private var magnitude: Int64 = 0
    private var digitCount = 0
    private var shift = 0
    private var exponent = 0
    private var isTruncated = false

    /// The number, if it is complete.
    var number: JSONNumber? {
        guard hasDigits, part != .exponentSign, part != .exponent || hasExponentDigits else { return nil }
        let power = (isExponentNegative ? 0 &- exponent : exponent) &+ shift
        return JSONNumber(
            significand: isNegative ? 0 &- magnitude : magnitude,
            exponent: power,
            isTruncated: isTruncated
        )
    }

    /// Takes the next byte; returns false if no number continues like this.
    mutating func take(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): takeDigit(Int64(byte &- UInt8(ascii: "0")))
        case UInt8(ascii: "-"): return takeMinus()
        case UInt8(ascii: "+"):
            guard part == .exponentSign else { return false }
            part = .exponent
        case UInt8(ascii: "."):
            guard part == .integer else { return false }
            part = .fraction
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            guard hasDigits, part == .integer || part == .fraction else { return false }
            part = .exponentSign
        default: return false
        }
        return true
    }

    private mutating func takeMinus() -> Bool {
        switch part {
        case .sign where !isNegative: isNegative = true
        case .exponentSign:
            isExponentNegative = true
            part = .exponent
        default: return false
        }
        return true
    }

    private mutating func takeDigit(_ digit: Int64) {
        switch part {
        case .sign, .integer:
            part = .integer
            takeSignificant(digit, shiftWhenKept: 0)
        case .fraction: takeSignificant(digit, shiftWhenKept: -1)
        case .exponentSign, .exponent:
            part = .exponent
            hasExponentDigits = true
            // A larger exponent cannot give an Int64 anyway; this bound prevents overflow.
            exponent = min(exponent &* 10 &+ Int(digit), 100_000)
        }
    }

    private mutating func takeSignificant(_ digit: Int64, shiftWhenKept: Int) {
        hasDigits = true
        if digitCount < 18 {
            magnitude = magnitude &* 10 &+ digit
            digitCount &+= magnitude == 0 ? 0 : 1
            shift = max(shift &+ shiftWhenKept, -1_000_000)
        } else {
            isTruncated = isTruncated || digit != 0
            shift = min(shift &+ shiftWhenKept &+ 1, 1_000_000)
        }
    }
}
