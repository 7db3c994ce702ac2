import SteelyardPolicy
import SteelyardWire

/// The cost of a charge when the provider has stated a usage, or a part of it.
extension Weighing {
    /// The weight when the provider stated a usage. What the usage leaves out is estimated. If a stream broke off, its
    /// running totals say only what had been counted so far.
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

    /// The output that a running total leaves out; nil where the total covers the text that was seen. A lower total
    /// comes from the beginning of the stream (Anthropic's `message_start` counts one token of output). The comparison
    /// allows for estimates of text that are a fifth too large, as they are at times.
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
        // The requested tier counts only where the answer could not say which tier served it.
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

/// Estimates of what a usage leaves out although the work was done.
struct MissingSides {
    var input: Int64?
    var output: OutputEstimate?
    /// Whether a side is a guess. A side that follows from stated numbers is not.
    var isEstimated = false
    /// Whether what is missing can be far more than its estimate.
    var hidesWork = false
}

extension Weighing {
    /// The sides that a usage leaves out: absent, null, negative, text, or zero although work was seen.
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

    /// Splits the total of a usage that states no input: output is as stated or estimated from the text, and input is
    /// the rest. An answer without text has only input.
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
        // If the usage states the output and the total leaves nothing for input, the total is that of the output alone.
        // Then the input is estimated.
        missing.input = total > output || lacksOutput ? total - output : estimatedInput
        return missing
    }

    /// Text always makes tokens, so zero input beside text is a gap. But a provider that says it failed and counts
    /// nothing is believed.
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
