import SteelyardPolicy
import SteelyardWire

/// The work of hosted tools, which comes on top of the tokens of the model that called them.
extension Weighing {
    /// Adds the quantities of tools. Fees depend on calls that ran, never on tools that were only offered.
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

    /// The older (preview) tool costs more with models that do not reason, but its calls look like those of the newer
    /// one.
    private var searchMeter: Meter {
        settings.offersPreviewSearch && !settings.offersSearch ? .webSearchPreviewCalls : .webSearchCalls
    }

    /// A container of unknown memory counts as the smallest one.
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

    /// The model that made the pictures, if the answer or the request names it. The tool's default has changed three
    /// times (openai-python, `tool.py`, 2026-11: `gpt-image-2.6-sunburst`), so none is assumed.
    private var pictureModel: String? {
        if case .stated(let name) = facts?.toolSettings?.imageModel { return name }
        if case .stated(let name) = request?.toolSettings.imageModel { return name }
        return nil
    }

    private func bookName(_ name: String?) -> String { name.flatMap { rules.prices.bookName(for: $0) } ?? "" }
}
