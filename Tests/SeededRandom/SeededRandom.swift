/// Random numbers that a seed reproduces, the same on every machine: SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", 2014). A test prints its seed, so that a failure can be repeated.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    /// The seed to print.
    public let seed: UInt64
    private var state: UInt64

    /// Starts a sequence; without a seed, a different one each time.
    public init(seed: UInt64 = .random(in: .min ... .max)) { (self.seed, state) = (seed, seed) }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number from 0 up to, not including, the bound.
    public mutating func below<Number: FixedWidthInteger>(_ bound: Number) -> Number {
        Number(next() % UInt64(bound))
    }

    /// One of several choices; there must be at least one.
    public mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}
