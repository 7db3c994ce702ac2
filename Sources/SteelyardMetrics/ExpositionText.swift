/// Writes the parts of an exposition. Numbers are printed from integers, digit by digit: money and time never pass
/// through floating point.
extension [UInt8] {
    mutating func append(text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `name`, `suffix`, the labels in braces if there are any, and the space before the value.
    mutating func append(sample name: [UInt8], suffix: StaticString = "", labels: [UInt8]) {
        append(contentsOf: name)
        append(text: suffix)
        if !labels.isEmpty {
            append(UInt8(ascii: "{"))
            append(contentsOf: labels)
            append(UInt8(ascii: "}"))
        }
        append(UInt8(ascii: " "))
    }

    mutating func appendLineFeed() { append(UInt8(ascii: "\n")) }
}

extension [UInt8] {
    /// Appends the decimal digits of `number`.
    mutating func append(number: UInt64) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// Appends `units` × 10⁻ᵖˡᵃᶜᵉˢ exactly, without trailing zeros: 1 500 with 3 places is `1.5`.
    mutating func append(decimal units: Int128, places: Int) {
        if units < 0 { append(UInt8(ascii: "-")) }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: powersOfTen[places])
        append(whole: whole)
        append(fraction: UInt64(truncatingIfNeeded: fraction), places: places)
    }

    /// Appends a number of up to 39 digits; nearly all fit the first case, which divides 64 bits instead of 128.
    private mutating func append(whole: UInt128) {
        guard let high = UInt64(exactly: whole) else {
            let (rest, low) = whole.quotientAndRemainder(dividingBy: powersOfTen[12])
            append(whole: rest)
            append(padded: UInt64(truncatingIfNeeded: low), places: 12)
            return
        }
        append(number: high)
    }

    private mutating func append(fraction: UInt64, places: Int) {
        guard fraction > 0 else { return }
        append(UInt8(ascii: "."))
        append(padded: fraction, places: places)
        while last == UInt8(ascii: "0") { removeLast() }
    }

    /// Appends `places` digits, with leading zeros.
    private mutating func append(padded number: UInt64, places: Int) {
        let start = count
        var rest = number
        for _ in 0..<places {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }

    /// Appends 16 hexadecimal digits in lower case.
    mutating func append(hexadecimal number: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Appends a binary floating-point number in the shortest form that reads back the same.
    mutating func append(double: Double) {
        if double.isNaN {
            append(text: "NaN")
        } else if double.isInfinite {
            append(text: double < 0 ? "-Inf" : "+Inf")
        } else {
            append(contentsOf: double.description.utf8)
        }
    }
}

private let powersOfTen: [UInt128] = (0...12).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }

extension [UInt8] {
    /// Appends a label value, escaped as both formats require (text 0.0.4 "Text format details"; OpenMetrics 1.0
    /// "Escaping").
    mutating func append(escaped text: String) { append(escaping: text, quotes: true) }

    /// Appends a HELP text: text 0.0.4 leaves quotation marks unchanged, OpenMetrics 1.0 escapes them.
    mutating func append(help text: String, format: ExpositionFormat) {
        append(escaping: text, quotes: format.isOpenMetrics)
    }

    private mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(text: "\\\\")
            case UInt8(ascii: "\n"): append(text: "\\n")
            case UInt8(ascii: "\"") where quotes: append(text: "\\\"")
            default: append(byte)
            }
        }
    }
}
