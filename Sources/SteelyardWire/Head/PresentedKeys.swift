extension HeaderFields {
    /// The keys with which the client says who it is, in the order of the fields. A key is what `authorization`
    /// carries, usually as a bearer token (RFC 6750 §2.1), or the value of one of the fields in which the dialects'
    /// SDKs send theirs. Empty keys are left out.
    public var presentedKeys: [ArraySlice<UInt8>] {
        fields.indices.compactMap(presentedKey).filter { !$0.isEmpty }
    }

    private func presentedKey(at index: Int) -> ArraySlice<UInt8>? {
        switch fields[index].nameLength {
        case 13 where isNamed("authorization", at: index): authorizingKey(at: index)
        case 7 where isNamed("api-key", at: index), 9 where isNamed("x-api-key", at: index),
            14 where isNamed("x-goog-api-key", at: index):
            value(at: index)
        default: nil
        }
    }

    /// The text after the scheme (RFC 9110 §11.4), whichever scheme it is. If one of our keys comes with a wrong
    /// scheme, or without one, it still must not leave.
    private func authorizingKey(at index: Int) -> ArraySlice<UInt8> {
        let value = value(at: index)
        let scheme = value.prefix { $0 != .space }
        guard scheme.count < value.count else { return scheme.isBearer ? [] : scheme }
        return value.dropFirst(scheme.count).drop { $0 == .space }
    }
}

extension ArraySlice<UInt8> {
    /// Schemes are case-insensitive (RFC 9110 §11.1).
    fileprivate var isBearer: Bool { elementsEqual("bearer".utf8, by: { $0.lowercasedASCII == $1 }) }
}
