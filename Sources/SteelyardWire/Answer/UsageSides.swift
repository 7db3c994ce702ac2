/// The input and output to believe when a usage object states them in two vocabularies.
///
/// Translating gateways fill in OpenAI's chat names (`prompt_tokens`, `completion_tokens`) and those of Responses and
/// Anthropic (`input_tokens`, `output_tokens`) side by side, and some leave zeros in one of them
/// (BerriAI/litellm#39861). The reader takes the best pair of one input and one output, by these rules in this order:
///
/// | | the better pair |
/// |---|---|
/// | 1 | adds up to `total_tokens` |
/// | 2 | has fewer zeros |
/// | 3 | comes from one vocabulary |
/// | 4 | has `prompt_tokens`, which always include the cache |
struct UsageSides {
    /// The input; nil when none is stated.
    var input: Int64?
    /// The output; nil when none is stated.
    var output: Int64?
    /// Whether the input comes from `input_tokens`; Anthropic states the cache beside it.
    var inputIsInputTokens: Bool
    /// Whether the output comes from `output_tokens`.
    fileprivate var outputIsOutputTokens: Bool
}

extension UsageReading {
    /// The best pair.
    var sides: UsageSides {
        let inputs = Self.stated(self[.prompt], self[.input])
        let outputs = Self.stated(self[.completion], self[.output])
        var best: (sides: UsageSides, rank: Int)?
        for isInput in inputs {
            for isOutput in outputs {
                let pair = UsageSides(
                    input: self[isInput ? .input : .prompt],
                    output: self[isOutput ? .output : .completion],
                    inputIsInputTokens: isInput,
                    outputIsOutputTokens: isOutput
                )
                let rank = rank(of: pair)
                if rank > best?.rank ?? -1 { best = (pair, rank) }
            }
        }
        return best?.sides
            ?? UsageSides(input: nil, output: nil, inputIsInputTokens: false, outputIsOutputTokens: false)
    }

    /// Which of two spellings to try: `false` is the first, `true` the second. If neither is stated, the first stands
    /// for none.
    private static func stated(_ first: Int64?, _ second: Int64?) -> [Bool] {
        guard second != nil else { return [false] }
        return first == nil ? [true] : [false, true]
    }

    /// The rules of the table as one number. Of equal pairs, the first is taken.
    private func rank(of pair: UsageSides) -> Int {
        let agrees = self[.total].map { $0 > 0 && $0 == sum(of: pair) } ?? false
        let isOneVocabulary = pair.inputIsInputTokens == pair.outputIsOutputTokens
        let sidesThatCount = ((pair.input ?? 0) > 0 ? 1 : 0) + ((pair.output ?? 0) > 0 ? 1 : 0)
        return (agrees ? 16 : 0) + sidesThatCount * 4 + (isOneVocabulary ? 2 : 0) + (pair.inputIsInputTokens ? 0 : 1)
    }

    private func sum(of pair: UsageSides) -> Int64 {
        let cache = pair.inputIsInputTokens && hasCacheBeside ? cacheBeside : 0
        return (pair.input ?? 0) &+ cache &+ (toolPromptTokens ?? 0) &+ (pair.output ?? 0)
    }

    /// Whether cache reads or writes are stated as Anthropic states them: beside the input, not as a part of it.
    var hasCacheBeside: Bool {
        guard self[.cachedInput] == nil else { return false }
        return self[.cacheReadBeside] != nil || self[.cacheWriteBeside] != nil
    }

    /// Cache reads and writes that are stated beside the input.
    var cacheBeside: Int64 { (self[.cacheReadBeside] ?? 0) &+ (self[.cacheWriteBeside] ?? 0) }

    /// Whether any token is counted.
    var countsTokens: Bool {
        let (pair, total) = (sides, self[.total])
        return (pair.input ?? 0) > 0 || (pair.output ?? 0) > 0 || (total ?? 0) > 0
    }
}

/// A set of fields.
struct UsageFieldSet {
    private var bits: UInt64 = 0

    /// Adds a field; returns false when the set already had it.
    mutating func insert(_ field: UsageField) -> Bool {
        let bit: UInt64 = 1 &<< UInt64(field.rawValue)
        defer { bits |= bit }
        return bits & bit == 0
    }
}
