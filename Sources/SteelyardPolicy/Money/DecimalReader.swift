/// The number grammar of RFC 8259 §6 as a state machine that reads one byte at a time.
struct DecimalReader {
    /// What was read last.
    private enum Position {
        /// Nothing; then `sign`, `zero` or `whole`.
        case start
        /// A minus; then `zero` or `whole`.
        case sign
        /// A single leading 0; then `point` or `exponentMark`.
        case zero
        /// Digits before the point; then itself, `point` or `exponentMark`.
        case whole
        /// The point; then `fraction`.
        case point
        /// Digits behind the point; then itself or `exponentMark`.
        case fraction
        /// `e` or `E`; then `exponentSign` or `exponentDigits`.
        case exponentMark
        /// The exponent's sign; then `exponentDigits`.
        case exponentSign
        /// Digits of the exponent; then itself.
        case exponentDigits
    }

    private var position = Position.start
    private var isNegative = false
    private var digits: Int64 = 0
    /// Zeros since the last other digit. They count only if another digit follows, so `1.000…0` never overflows.
    private var pendingZeros = 0
    private var fractionDigits = 0
    private var exponent = 0
    private var exponentIsNegative = false

    mutating func receivedByte(_ byte: UInt8) throws(DecimalProblem) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try receivedDigit(Int64(byte &- UInt8(ascii: "0")))
        case UInt8(ascii: "."): try move(to: .point, from: .zero, .whole)
        case UInt8(ascii: "e"), UInt8(ascii: "E"): try move(to: .exponentMark, from: .zero, .whole, .fraction)
        case UInt8(ascii: "-"), UInt8(ascii: "+"): try receivedSign(isMinus: byte == UInt8(ascii: "-"))
        default: throw .malformed
        }
    }

    /// The number, if the text may end here.
    func finished() throws(DecimalProblem) -> ExactDecimal {
        switch position {
        case .zero, .whole, .fraction, .exponentDigits: break
        default: throw .malformed
        }
        let scale = (exponentIsNegative ? -exponent : exponent) - fractionDigits + pendingZeros
        return ExactDecimal(significand: isNegative ? -digits : digits, exponent: scale)
    }

    private mutating func move(to next: Position, from allowed: Position...) throws(DecimalProblem) {
        guard allowed.contains(position) else { throw .malformed }
        position = next
    }

    private mutating func receivedSign(isMinus: Bool) throws(DecimalProblem) {
        if position == .exponentMark {
            exponentIsNegative = isMinus
            position = .exponentSign
        } else {
            guard isMinus else { throw .malformed }
            try move(to: .sign, from: .start)
            isNegative = true
        }
    }

    private mutating func receivedDigit(_ digit: Int64) throws(DecimalProblem) {
        switch position {
        case .start, .sign: position = digit == 0 ? .zero : .whole
        case .zero: throw .leadingZero
        case .whole, .fraction, .exponentDigits: break
        case .point: position = .fraction
        case .exponentMark, .exponentSign: position = .exponentDigits
        }
        if position == .exponentDigits { return try appendToExponent(Int(digit)) }
        if position == .fraction { fractionDigits += 1 }
        try append(digit)
    }

    private mutating func append(_ digit: Int64) throws(DecimalProblem) {
        if digit == 0 {
            pendingZeros += 1
            return
        }
        if digits != 0 {
            let places = pendingZeros + 1
            guard let factor = ExactDecimal.powerOfTen(places), digits < 1_000_000_000_000_000_000 / factor else {
                throw .tooManyDigits
            }
            digits *= factor
        }
        digits += digit
        pendingZeros = 0
    }

    private mutating func appendToExponent(_ digit: Int) throws(DecimalProblem) {
        exponent = exponent * 10 + digit
        guard exponent <= 999 else { throw .exponentTooLarge }
    }
}
