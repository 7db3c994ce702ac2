extension Span<UInt8> {
    /// The whole part of a JSON number that is not negative, saturated, and whether the number has no other part; nil
    /// for anything else.
    var wholeNumber: (value: Int64, isExact: Bool)? {
        guard isNumber else { return nil }
        var magnitude = Magnitude()
        for index in indices {
            if let digit = self[index].decimalDigit {
                magnitude.append(digit)
            } else if self[index] == .dot {
                magnitude.hasPoint = true
            } else {
                return magnitude.scaled(by: extracting((index + 1)...).exponent)
            }
        }
        return magnitude.scaled(by: 0)
    }

    /// The value of an exponent's digits with their sign. It saturates far beyond what changes the result.
    private var exponent: Int {
        var exponent = 0
        for index in indices {
            guard let digit = self[index].decimalDigit else { continue }
            exponent = Swift.min(exponent * 10 + Int(digit), 1000)
        }
        return !isEmpty && self[0] == UInt8(ascii: "-") ? -exponent : exponent
    }
}

/// The digits of a decimal number while they are read.
private struct Magnitude {
    /// All digits read, as one number; digits beyond 18 only move the point.
    private var digits: Int64 = 0
    /// How far the point is to the right of the digits; negative when it is within them.
    private var shift = 0
    var hasPoint = false

    mutating func append(_ digit: UInt8) {
        guard digits < 100_000_000_000_000_000 else {
            if !hasPoint { shift = min(shift + 1, 1000) }
            return
        }
        digits = digits * 10 + Int64(digit)
        if hasPoint { shift = max(shift - 1, -1000) }
    }

    /// The whole part after the point has moved this far to the right.
    func scaled(by exponent: Int) -> (value: Int64, isExact: Bool) {
        var result = digits
        var isExact = true
        var places = shift + exponent
        while places > 0, result != 0, result != .max {
            let (product, overflows) = result.multipliedReportingOverflow(by: 10)
            result = overflows ? .max : product
            places -= 1
        }
        while places < 0, result != 0 {
            isExact = isExact && result % 10 == 0
            result /= 10
            places += 1
        }
        return (result, isExact)
    }
}
