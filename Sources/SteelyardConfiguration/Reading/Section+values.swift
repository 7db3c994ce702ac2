extension Section {
    /// The value of a key, read by a grammar that throws what is wrong; the default if the key is missing or wrong.
    func read<Result>(
        _ name: String,
        default standard: Result,
        _ grammar: (String) throws(Complaint) -> Result
    ) -> Result {
        self[name]?.read(grammar) ?? standard
    }

    /// A whole number within a range.
    func wholeNumber(_ name: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        self[name]?.wholeNumber(in: range, usual: standard) ?? standard
    }

    /// A size in bytes within a range.
    func bytes(_ name: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        read(name, default: standard) { text throws(Complaint) in
            try Quantity(text, .bytes, in: range, usual: standard).amount
        }
    }

    /// A duration in seconds; the range is in milliseconds, by default from one millisecond to one day.
    func seconds(
        _ name: String,
        inMilliseconds range: ClosedRange<Int> = 1...86_400_000,
        default standard: Double
    ) -> Double {
        read(name, default: standard) { text throws(Complaint) in
            let usual = Int(standard * 1_000)
            return Double(try Quantity(text, .milliseconds, in: range, usual: usual).amount) / 1_000
        }
    }

    /// `true` or `false`.
    func flag(_ name: String, default standard: Bool) -> Bool { self[name]?.flag(usual: standard) ?? standard }

    /// One of the words of an enumeration, by default any of them; `later` are words of the schema that this version
    /// does not support.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        default standard: Choice,
        among choices: [Choice] = Array(Choice.allCases),
        later: [String] = []
    ) -> Choice {
        read(name, default: standard) { text throws(Complaint) in
            guard !later.contains(text) else { throw .unavailable(text, remedy: .write(standard.rawValue)) }
            return try Word.read(text, default: standard, among: choices)
        }
    }
}
