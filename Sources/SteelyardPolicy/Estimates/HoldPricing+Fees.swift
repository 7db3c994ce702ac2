/// What hosted tools may cost beside the tokens of the model that calls them.
extension HoldPricing {
    /// So many calls are set aside for each kind of tool that is billed by the call; nothing bounds them.
    private static let assumedToolCalls: Int64 = 5
    /// The largest picture of the usual sizes: 1024 × 1536 at high quality (OpenAI, "Image generation", 2026-08).
    private static let tokensPerPicture: Int64 = 6240
    /// Pictures that a tool makes at most, as far as anything can be assumed; one is likely.
    static let assumedPicturesAtMost: Int64 = 5

    /// The fees of the tools that were asked for; `pictures` is how many are made, if any.
    func fees(pictures: Int64) -> RateSum {
        var sum = RateSum()
        let assumedSearch = prices.ownFee(.assumedSearches, of: model, at: wallSeconds)
        if let assumedSearch { sum.add(1, at: assumedSearch) }
        for tool in work.hostedTools {
            if tool == "image_generation" {
                addPictures(pictures, to: &sum)
            } else if tool == "code_interpreter" || tool == "shell" {
                addContainer(of: tool, to: &sum)
            } else if let meter = Meter(hostedTool: tool), meter == .fileSearchCalls || assumedSearch == nil {
                add(Self.assumedToolCalls, meter, to: &sum)
            }
        }
        return sum
    }

    private func add(_ calls: Int64, _ meter: Meter, to sum: inout RateSum) {
        if let fee = prices.fee(meter, of: model, at: wallSeconds) { sum.add(calls, at: fee) }
    }

    /// One container is started for a request, and used again by its further calls. A shell that runs at the client's
    /// needs none.
    private func addContainer(of tool: String, to sum: inout RateSum) {
        guard let meter = work.container ?? (tool == "shell" ? nil : .containerSessions) else { return }
        add(1, meter, to: &sum)
    }

    private func addPictures(_ pictures: Int64, to sum: inout RateSum) {
        guard let rate = prices.pictureRate(model: work.pictureModel, at: wallSeconds) else { return }
        sum.add(pictures.multipliedClamped(by: Self.tokensPerPicture), at: rate)
    }
}

extension Meter {
    /// The fee of a search tool by its type in a request (OpenAI API reference, `tools`).
    fileprivate init?(hostedTool type: String) {
        if type.hasPrefix("web_search_preview") {
            self = .webSearchPreviewCalls
        } else if type.hasPrefix("web_search") {
            self = .webSearchCalls
        } else if type == "file_search" {
            self = .fileSearchCalls
        } else {
            return nil
        }
    }
}
