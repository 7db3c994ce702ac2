/// Writes numbers as decimal digits without a `String`: a line has a dozen of them.
extension [UInt8] {
    /// Appends a number.
    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        append(digits: number.magnitude, atLeast: 1)
    }

    /// Appends `units` × 10⁻ᵖˡᵃᶜᵉˢ exactly, without trailing zeros.
    mutating func append(decimal units: Int64, places: Int) {
        if units < 0 { append(UInt8(ascii: "-")) }
        let scale = (0..<places).reduce(into: UInt64(1)) { scale, _ in scale *= 10 }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: scale)
        append(digits: whole, atLeast: 1)
        guard fraction > 0 else { return }
        append(UInt8(ascii: "."))
        append(digits: fraction, atLeast: places)
        while last == UInt8(ascii: "0") { removeLast() }
    }

    /// Appends a number with leading zeros, to at least that many digits, at most 20.
    mutating func append(digits number: UInt64, atLeast minimum: Int) {
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var (rest, start) = (number, 20)
        while rest > 0 {
            start -= 1
            digits[start] += UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        let used = Swift.min(start, 20 - minimum)..<20
        append(addingCapacity: used.count) { output in for index in used { output.append(digits[index]) } }
    }
}
