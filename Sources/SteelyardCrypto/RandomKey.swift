import COpenSSL
public import SteelyardPolicy

/// A new Steelyard key. It cannot be copied or printed by accident, and revealing it consumes it.
public struct RandomKey: ~Copyable {
    /// Its public id.
    public let id: KeyID
    /// The digest that the configuration contains instead of the key.
    public let digest: KeyDigest
    private let bytes: [UInt8]

    /// Makes a key from 256 random bits, and an id that is not in `taken`.
    ///
    /// - Throws: if the system has no randomness.
    public static func made(idsTaken taken: Set<KeyID> = []) throws(RandomnessMissing) -> RandomKey {
        var id = try randomID()
        while taken.contains(id) { id = try randomID() }
        let secret = try RandomDigits.base62(count: SteelyardKey.secretCount)
        // RandomDigits returns exactly that many base62 characters.
        guard let bytes = SteelyardKey.assembled(id: id, secret: secret) else { throw RandomnessMissing() }
        return RandomKey(id: id, digest: Digest.sha256(bytes.span), bytes: bytes)
    }

    private init(id: KeyID, digest: KeyDigest, bytes: [UInt8]) {
        self.id = id
        self.digest = digest
        self.bytes = bytes
    }

    /// The key, to write it out. It can be read only once.
    public consuming func revealed() -> [UInt8] { bytes }

    private static func randomID() throws(RandomnessMissing) -> KeyID {
        // swift 6.3.1 crashes on a span of the result of a throwing call.
        let digits = try RandomDigits.base62(count: KeyID.byteCount)
        guard let id = KeyID(digits.span) else { throw RandomnessMissing() }
        return id
    }
}

/// The system's random generator could not be used (RAND_bytes(3)).
public struct RandomnessMissing: Error, Hashable {}

/// Random characters; all 62 are equally likely.
enum RandomDigits {
    /// That many letters and digits.
    static func base62(count: Int) throws(RandomnessMissing) -> [UInt8] {
        var digits: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 64)
        while digits.count < count {
            guard RAND_bytes(&bytes, CInt(bytes.count)) == 1 else { throw RandomnessMissing() }
            digits += base62(of: bytes).prefix(count - digits.count)
        }
        return digits
    }

    /// The letters and digits for random bytes. A byte outside the largest multiple of 62 is dropped: modulo 62, the
    /// first eight characters would appear a quarter more often than the others.
    static func base62(of bytes: [UInt8]) -> [UInt8] {
        let evenlyDivided = 256 / Int(Base62.radix) * Int(Base62.radix)
        return bytes.filter { $0 < evenlyDivided }.map { Base62.character(of: $0 % Base62.radix) }
    }
}
