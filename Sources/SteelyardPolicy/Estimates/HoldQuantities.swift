/// How much a request may use: what money is set aside for.
struct HoldQuantities: Hashable {
    /// Input that is text, or is billed as such.
    var textTokens: Int64 = 0
    /// Input that is pictures.
    var imageTokens: Int64 = 0
    /// Input that is sound.
    var audioTokens: Int64 = 0
    /// Output over all answers.
    var outputTokens: Int64 = 0
    /// Text to be spoken.
    var characters: Int64 = 0
    /// Pictures to be made.
    var images: Int64 = 0

    /// All input; decides the band of long prompts.
    var promptTokens: Int64 { textTokens.addingClamped(imageTokens).addingClamped(audioTokens) }
    /// What rates of tokens count.
    var tokens: Int64 { promptTokens.addingClamped(outputTokens) }

    /// Their price.
    func price(at rates: borrowing HoldRates, work: PlannedWork) -> Picodollars {
        var others = rates.fees(of: work.hostedTools)
        others.add(characters, at: rates.dearest(.characters))
        others.add(images, at: rates.dearest(.images))
        var sum = RateSum()
        sum.add(textTokens, at: rates.dearestInput(work))
        sum.add(imageTokens, at: rates.dearestInput(work, or: .imageInput))
        sum.add(audioTokens, at: rates.dearestInput(work, or: .audioInput))
        sum.add(outputTokens, at: rates.dearestOutput)
        return rates.rounded(sum, plus: others)
    }
}

extension HoldRates {
    /// So many calls are set aside for each kind of tool that the provider runs; nothing bounds them.
    private static let assumedToolCalls: Int64 = 5

    /// A prompt may be written to the cache, which is dearer than reading it.
    fileprivate func dearestInput(_ work: PlannedWork, or meter: Meter = .input) -> Rate {
        dearest(.input, .cacheWrite, work.writesCacheLong ? .cacheWriteLong : .input, meter)
    }

    fileprivate func fees(of tools: [String]) -> RateSum {
        var sum = RateSum()
        for meter in tools.compactMap(Meter.init(hostedTool:)) { sum.add(Self.assumedToolCalls, at: dearest(meter)) }
        return sum
    }
}

extension Meter {
    /// The fee of a tool by its type in a request (OpenAI API reference, `tools`).
    fileprivate init?(hostedTool type: String) {
        if type.hasPrefix("web_search_preview") {
            self = .webSearchPreviewCalls
        } else if type.hasPrefix("web_search") {
            self = .webSearchCalls
        } else if type == "file_search" {
            self = .fileSearchCalls
        } else if type == "code_interpreter" {
            self = .containerSessions
        } else {
            return nil
        }
    }
}
