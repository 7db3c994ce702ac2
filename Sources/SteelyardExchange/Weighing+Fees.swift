import SteelyardPolicy
import SteelyardWire

/// What hosted tools did beside the tokens of the model that called them.
extension Weighing {
    /// The quantities with those of tools: fees hang on calls that ran, never on tools that were offered.
    func withFees(_ meters: Meters) -> Meters {
        guard let facts else { return meters }
        var meters = meters
        meters[searchMeter] = facts.toolUsage?.webSearchRequests ?? Int64(facts.outputItems[.webSearchCall])
        meters[.fileSearchCalls] = Int64(facts.outputItems[.fileSearchCall])
        meters[containerMeter] = Int64(facts.outputItems.containerCount)
        if isSearchUnstated(facts) { meters[.assumedSearches] = 1 }
        if let pictures = pictures(facts) { meters.add(pictures) }
        for drawing in facts.svgUsages {
            let counted = Meters(drawing.usage, longCacheWrites: false, outputIsImages: false)
            meters.add(ToolWork(model: bookName(drawing.model), meters: counted))
        }
        return meters
    }

    /// The settings of the tools, as the answer repeats them or, where it does not, as they were asked for.
    private var settings: HostedToolSettings { facts?.toolSettings ?? request?.toolSettings ?? HostedToolSettings() }

    /// The older tool is dearer with models that do not reason; its calls look like those of the other.
    private var searchMeter: Meter {
        settings.offersPreviewSearch && !settings.offersSearch ? .webSearchPreviewCalls : .webSearchCalls
    }

    /// A container of unknown memory is taken for the smallest.
    private var containerMeter: Meter {
        guard case .stated(let memory) = settings.containerMemory else { return .containerSessions }
        return Meter(containerMemory: memory) ?? .containerSessions
    }

    /// Whether the model searches for every request and the answer does not say how often (OpenAI's search models in Chat
    /// Completions: "Web search", 2026-11).
    private func isSearchUnstated(_ facts: AnswerFacts) -> Bool {
        facts.toolUsage?.webSearchRequests == nil && facts.outputItems[.webSearchCall] == 0
            && rules.prices.assumesSearches(by: model.priced, at: openedAtSeconds)
    }

    /// The tokens of pictures that a tool made, at the rates of the model that made them. Where the answer does not state
    /// them, the pictures themselves are counted: image models have no price for those, so the charge is unpriced.
    private func pictures(_ facts: AnswerFacts) -> ToolWork? {
        if let usage = facts.toolUsage?.pictures {
            let counted = Meters(usage, longCacheWrites: false, outputIsImages: true)
            return ToolWork(model: bookName(pictureModel), meters: counted)
        }
        let count = facts.outputItems[.imageGenerationCall]
        guard count > 0 else { return nil }
        var meters = Meters()
        meters[.images] = Int64(count)
        return ToolWork(model: bookName(pictureModel), meters: meters)
    }

    /// The picture's model, as far as anybody names it. Its default has changed three times (openai-python, `tool.py`,
    /// 2026-11: `gpt-image-2.6-sunburst`), so none is assumed.
    private var pictureModel: String? {
        if case .stated(let name) = facts?.toolSettings?.imageModel { return name }
        if case .stated(let name) = request?.toolSettings.imageModel { return name }
        return nil
    }

    private func bookName(_ name: String?) -> String { name.flatMap { rules.prices.bookName(for: $0) } ?? "" }
}
