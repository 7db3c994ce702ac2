/// The fees that hosted tools may add to the cost of the tokens of the model that calls them.
extension HoldPricing {
    /// How many calls are reserved for each kind of tool that is billed per call. Nothing limits the real number.
    private static let assumedToolCalls: Int64 = 5
    /// The largest picture of the usual sizes: 1024 × 1536 at high quality (OpenAI, "Image generation", 2026-08).
    private static let tokensPerPicture: Int64 = 6240
    /// The most pictures that a tool is assumed to make; one is likely.
    static let assumedPicturesAtMost: Int64 = 5

    /// The fees of the requested tools; `pictures` is the number of pictures that are made, if any.
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

    /// A request starts one container, and its further calls use it again. A shell that runs on the client's side needs
    /// none.
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
    /// The fee of a search tool, by the tool's type in a request (OpenAI API reference, `tools`).
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
