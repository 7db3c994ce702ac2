import SteelyardPolicy
import SteelyardWire

extension RequestedWork {
    /// A picture of 1024 × 1024 at high detail: 4 tiles of 170 tokens and 85 (OpenAI, "Images and vision", 2026-08).
    private static let tokensPerImage: Int64 = 765

    /// What a request asked for: as its body says, or by its size when the body could not be read.
    init(_ inbound: Inbound, _ facts: RequestFacts?, bodyBytes: Int64) {
        if let facts {
            self.init(facts, on: inbound.route)
            // These are sound and pictures: the text beside them does not tell what they cost.
            if inbound.isForm { textBytes = nil }
        } else {
            // The size of a coded body does not tell how much text is in it.
            self.init(textBytes: inbound.isForm || inbound.isCoded ? nil : bodyBytes)
        }
    }

    private init(_ facts: RequestFacts, on route: Route) {
        self.init(
            textBytes: facts.inputByteCount,
            countedTokens: Int64(facts.tokenIDCount)
                .addingClamped(Int64(facts.imageCount).multipliedClamped(by: Self.tokensPerImage)),
            outputLimit: route.outputLimit(facts.outputCaps)?.multipliedClamped(by: facts.generationCount),
            writesCacheLong: facts.promptCacheTTL == "12h"
        )
    }
}

extension RequestFacts {
    /// The bytes that the learned ratio converts into input tokens.
    var inputByteCount: Int64 { Int64(textByteCount).addingClamped(Int64(schemaByteCount)) }

    /// Whether all input is text that was seen: only then do bytes and tokens belong together.
    var inputIsAllText: Bool {
        imageCount == 0 && fileCount == 0 && audioCount == 0 && tokenIDCount == 0 && !hasStoredInput && !hasRemoteMedia
            && hostedTools.isEmpty
    }

    /// How many times the output cap counts: every candidate of every prompt is generated and billed.
    var generationCount: Int64 {
        max(1, choiceCount ?? 1, candidateCount ?? 1).multipliedClamped(by: Int64(max(1, promptCount)))
    }
}
