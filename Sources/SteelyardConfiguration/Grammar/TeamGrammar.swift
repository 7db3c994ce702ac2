import SteelyardPolicy

extension ModelPattern {
    /// Reads a model name in which `*` stands for any characters.
    static func read(_ text: String) throws(Complaint) -> ModelPattern {
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .expected("a model name, in which * stands for any characters", got: text, write: "[\"gpt-4.1*\"]")
        }
        return ModelPattern(text)
    }
}

extension KeyID {
    /// Reads the id of a key. A wrong text is not shown, because it may be the key itself.
    static func read(_ text: String) throws(Complaint) -> KeyID {
        guard let id = KeyID(text) else {
            throw Complaint(
                message: "must be the 8 letters and digits after sy_ in the key",
                remedy: .act("copy the line that `steelyard keys create` prints")
            )
        }
        return id
    }
}

extension KeyDigest {
    private static let remedy = "write the output of: printf %s \"$KEY\" | sha256sum"

    /// Reads 64 hexadecimal digits. A wrong text is not shown, because it may be the key.
    static func readPlain(_ text: String) throws(Complaint) -> KeyDigest {
        let digits = text.hasPrefix("sha256:") ? text.dropFirst("sha256:".count) : text[...]
        guard let digest = KeyDigest(hex: digits) else {
            throw Complaint(
                message: "must be the 64 hexadecimal digits of the key's SHA-256",
                remedy: .act(remedy)
            )
        }
        return digest
    }

    /// Reads `sha256:` and 64 hexadecimal digits.
    static func readPrefixed(_ text: String) throws(Complaint) -> KeyDigest {
        guard text.hasPrefix("sha256:"), let digest = KeyDigest(hex: text.dropFirst("sha256:".count)) else {
            throw Complaint(
                message:
                    "must be sha256: and the 64 hexadecimal digits of the provider key's SHA-256, not the key itself",
                remedy: .act(remedy + ", after sha256:")
            )
        }
        return digest
    }
}

/// When a key expires: a day in UTC (`2027-01-01`), or an instant (`2027-01-01T09:00:00+01:00`, RFC 3339 §5.6).
enum Expiry {
    private static let example = "2027-01-01T09:00:00Z"

    /// Reads an instant, in seconds since 1970.
    static func read(_ text: String) throws(Complaint) -> Int64 {
        if let day = EffectiveDate(text) { return day.unixSeconds }
        let day = EffectiveDate(String(decoding: text.utf8.prefix(10), as: UTF8.self))
        guard let day, let time = secondsOfDay(text.utf8.dropFirst(10)) else {
            throw .expected("a date, or a date and time with its zone", got: text, write: likely(text))
        }
        return day.unixSeconds + time
    }

    /// `THH:MM:SSZ`, or an offset instead of the Z; the offset is subtracted. Seconds may be omitted.
    private static func secondsOfDay(_ text: Substring.UTF8View) -> Int64? {
        var rest = text
        guard let mark = rest.popFirst(), mark == UInt8(ascii: "T") || mark == UInt8(ascii: " "),
            let hour = twoDigits(&rest, below: 24), rest.popFirst() == UInt8(ascii: ":"),
            let minute = twoDigits(&rest, below: 60)
        else { return nil }
        var seconds = hour * 3600 + minute * 60
        if rest.first == UInt8(ascii: ":") {
            rest.removeFirst()
            guard let second = twoDigits(&rest, below: 60) else { return nil }
            seconds += second
        }
        return offset(rest).map { seconds - $0 }
    }

    private static func offset(_ text: Substring.UTF8View) -> Int64? {
        if text.elementsEqual("Z".utf8) { return 0 }
        var rest = text
        guard let sign = rest.popFirst(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let hour = twoDigits(&rest, below: 24), rest.popFirst() == UInt8(ascii: ":"),
            let minute = twoDigits(&rest, below: 60), rest.isEmpty
        else { return nil }
        return (hour * 3600 + minute * 60) * (sign == UInt8(ascii: "-") ? -1 : 1)
    }

    private static func twoDigits(_ text: inout Substring.UTF8View, below limit: Int64) -> Int64? {
        guard let high = text.popFirst(), let low = text.popFirst(), (0x30...0x39).contains(high),
            (0x30...0x39).contains(low)
        else { return nil }
        let number = Int64(high - 0x30) * 10 + Int64(low - 0x30)
        return number < limit ? number : nil
    }

    /// A time without its zone probably means UTC.
    private static func likely(_ text: String) -> String {
        let zoned = text + "Z"
        let isInstant = EffectiveDate(zoned.prefix(10)) != nil && secondsOfDay(zoned.dropFirst(10).utf8) != nil
        return isInstant ? zoned : example
    }
}
