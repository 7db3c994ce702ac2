import SteelyardWire

extension RateLimitReading {
    /// Reads OpenAI's own rate-limit fields (`x-ratelimit-limit-requests`, `-remaining-tokens`, …); fields of other
    /// families are ignored.
    static func read(from fields: HeaderFields) -> [RateLimitReading] {
        let requests = RateLimitReading(
            kind: .requests,
            limit: number("x-ratelimit-limit-requests", fields),
            remaining: number("x-ratelimit-remaining-requests", fields)
        )
        let tokens = RateLimitReading(
            kind: .tokens,
            limit: number("x-ratelimit-limit-tokens", fields),
            remaining: number("x-ratelimit-remaining-tokens", fields)
        )
        switch (requests.isEmpty, tokens.isEmpty) {
        case (false, false): return [requests, tokens]
        case (false, true): return [requests]
        case (true, false): return [tokens]
        case (true, true): return []
        }
    }

    private var isEmpty: Bool { limit == nil && remaining == nil }

    /// Azure has sent -1 for "unknown" (learn.microsoft.com, question 5625878).
    private static func number(_ name: StaticString, _ fields: HeaderFields) -> Int64? {
        for index in 0..<fields.count where fields.isNamed(name, at: index) {
            return Int64(digits: fields.value(at: index))
        }
        return nil
    }
}

extension Int64 {
    /// The number that decimal digits make; nil when there are none, other bytes, or too many.
    fileprivate init?(digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for byte in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !isTooLarge, !overflows else { return nil }
            number = sum
        }
        self = number
    }
}
