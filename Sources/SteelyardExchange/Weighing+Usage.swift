import SteelyardPolicy
import SteelyardWire

/// What a charge comes to where the provider has said what was used, or a part of it.
extension Weighing {
    /// The provider said what was used. What a usage leaves out is estimated; running totals of a stream that broke off
    /// are only what it had said so far.
    func stated(_ usage: UsageReading, by answer: WeighedAnswer) -> Weight {
        let missing = missingSides(of: usage, isStream: answer.isStream)
        let isRunning = answer.isStream && !isFinal
        let unsaid = isRunning && missing.output == nil ? unsaidOutput(usage.outputTokens ?? 0) : nil
        let output = (missing.output?.tokens ?? 0) + (unsaid?.tokens ?? 0)
        var meters = Meters(usage, longCacheWrites: work.writesCacheLong, outputIsImages: route.answersInImages)
        meters.addInput(missing.input ?? 0)
        meters[.output] += output
        let reason: EstimateReason? = missing.isEstimated ? .incompleteUsage : isRunning ? .runningTotal : nil
        var weight = priced(meters, estimate: reason)
        if reason != nil { weight = withinPromise(weight, hidesWork: missing.hidesWork || unsaid?.isHidden == true) }
        weight.tokens = TokenAmounts(usage, unsaidInput: missing.input ?? 0, unsaidOutput: output)
        return weight
    }

    /// What a running total leaves out; nil where it covers the text that was seen. A total below that is from the
    /// beginning of the stream (Anthropic's `message_start` counts one token of output). Estimates of a text are a fifth
    /// too large at times.
    private func unsaidOutput(_ stated: Int64) -> OutputEstimate? {
        guard route.answersInText, textTokens * 4 / 5 > stated + 2 else { return nil }
        var output = estimatedOutput(isStream: true)
        output.tokens = max(0, output.tokens - stated)
        return output
    }

    /// The price of estimated quantities.
    func priced(estimate tokens: TokenAmounts) -> Weight {
        var weight = priced(Meters(estimate: tokens), estimate: .noUsage)
        weight.tokens = tokens
        return weight
    }

    func priced(_ metered: Meters, estimate: EstimateReason?) -> Weight {
        let meters = withFees(metered)
        // A wish counts only where the answer could not say which tier served it.
        let tier = ServedTier(answered: facts?.serviceTier ?? (estimate == nil ? nil : request?.serviceTier))
        let outcome = rules.prices.cost(
            of: meters,
            model: model.priced,
            tier: tier.tier,
            at: openedAtSeconds,
            region: Region(openAIHost: providerHost)
        )
        var weight = Weight(outcome, estimate: estimate ?? (meters.hasAssumedFees ? .toolFee : nil))
        weight.meters = meters
        weight.tier = tier.tier
        if !tier.isRecognised { weight.notes.insert(.tierUnknown) }
        return weight
    }
}

/// What a usage does not say although the work was done, as it is estimated.
struct MissingSides {
    var input: Int64?
    var output: OutputEstimate?
    /// Whether a side is a guess: one that follows from stated numbers is none.
    var isEstimated = false
    /// Whether what is missing can be far more than its estimate.
    var hidesWork = false
}

extension Weighing {
    /// The sides that a usage leaves out: absent, null, negative, text, or zero beside work that was seen.
    ///
    /// A usage that counts seconds has no such sides.
    private func missingSides(of usage: UsageReading, isStream: Bool) -> MissingSides {
        guard usage.durationMicroseconds == nil else { return MissingSides() }
        let lacksInput = lacksInput(usage)
        let lacksOutput = lacksOutput(usage)
        if let total = usage.totalTokens, total > 0, lacksInput {
            return sides(ofTotal: total, usage, lacksOutput, isStream)
        }
        var missing = MissingSides()
        missing.isEstimated = lacksInput || lacksOutput
        if lacksInput {
            missing.input = work.textBytes == nil ? 0 : estimatedInput
            missing.hidesWork = work.textBytes == nil
        }
        if lacksOutput {
            let output = estimatedOutput(isStream: isStream)
            missing.output = output
            missing.hidesWork = missing.hidesWork || output.isHidden
        }
        return missing
    }

    /// Of a total alone, output is what its text makes, and input the rest; an answer without text has input alone.
    private func sides(
        ofTotal total: Int64,
        _ usage: UsageReading,
        _ lacksOutput: Bool,
        _ isStream: Bool
    ) -> MissingSides {
        guard route.answersInText else { return MissingSides(input: total) }
        var missing = MissingSides(isEstimated: true)
        var output = usage.outputTokens ?? 0
        if lacksOutput {
            output = min(total, estimatedOutput(isStream: isStream).tokens)
            missing.output = OutputEstimate(tokens: output, isHidden: false)
        }
        // A total that leaves nothing for input is one of output alone, where the usage says what that was.
        missing.input = total > output || lacksOutput ? total - output : estimatedInput
        return missing
    }

    /// Text always makes tokens. A provider that says it failed and counts nothing is believed.
    private func lacksInput(_ usage: UsageReading) -> Bool {
        guard let input = usage.allInputTokens else { return true }
        let countsNothing = input == 0 && (usage.outputTokens ?? 0) == 0
        if countsNothing, facts?.error != nil, !showsWork { return false }
        return input == 0 && ((work.textBytes ?? 0) > 0 || work.countedTokens > 0)
    }

    private func lacksOutput(_ usage: UsageReading) -> Bool {
        guard route.answersInText else { return false }
        guard let output = usage.outputTokens else { return showsWork || usage.totalTokens == nil || lacksInput(usage) }
        return output == 0 && showsOutput
    }

    private var showsOutput: Bool { (facts?.contentEventCount ?? 0) > 0 || outputBytes > 0 }
}
