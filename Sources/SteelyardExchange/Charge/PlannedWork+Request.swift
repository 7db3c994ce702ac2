import SteelyardPolicy
import SteelyardWire

extension PlannedWork {
    /// What a request asks for, as its body says; only its size when the body could not be read.
    init(_ inbound: Inbound, _ facts: RequestFacts?, bodyBytes: Int64) {
        guard let facts else {
            self.init(textBytes: RequestedWork(inbound, nil, bodyBytes: bodyBytes).textBytes)
            return
        }
        self.init(facts, on: inbound.route)
        if inbound.isForm { takeFiles(for: inbound.route) }
        if inbound.route.answersInFilms { takeFilm(facts, for: inbound.route) }
    }

    /// A film has four seconds unless another length is asked for. Only the provider knows the length of a film that is
    /// made from another one; twelve seconds are the most (OpenAI API reference, "Create video", 2026-11).
    private mutating func takeFilm(_ facts: RequestFacts, for route: Route) {
        filmSeconds = facts.seconds ?? (route.template == "/v1/videos" ? 4 : 12)
    }

    /// Counts the files of a form as what its route works on: sound or pictures.
    private mutating func takeFiles(for route: Route) {
        if route.template.hasPrefix("/v1/audio/") {
            (audioParts, fileParts) = (fileParts, 0)
        } else if route.answersInImages {
            (imageParts, fileParts) = (fileParts, 0)
        }
    }

    private init(_ facts: RequestFacts, on route: Route) {
        self.init(
            textBytes: facts.inputByteCount,
            doubtfulBytes: Int64(facts.doubtfulByteCount),
            inputs: Int64(max(1, facts.inputCount, facts.promptCount)),
            tokenIDs: Int64(facts.tokenIDCount),
            imageParts: Int64(facts.imageCount),
            fileParts: Int64(facts.fileCount),
            audioParts: Int64(facts.audioCount),
            hasUnseenInput: facts.hasUnseenInput || route.drawsOnStoredInput,
            hostedTools: facts.hostedTools,
            pictureModel: facts.toolSettings.imageModel.value,
            container: facts.toolSettings.containerMemory.value.flatMap { Meter(containerMemory: $0) },
            outputLimit: route.outputLimit(facts.outputCaps),
            generations: facts.generationCount,
            tier: facts.serviceTier,
            writesCacheLong: facts.promptCacheTTL == "12h"
        )
    }
}

extension RequestFacts {
    /// Whether the provider adds input that is not in the body.
    fileprivate var hasUnseenInput: Bool { hasStoredInput || hasRemoteMedia || !hostedTools.isEmpty }
}

extension ToolSetting {
    /// The value, where one was stated.
    fileprivate var value: String? { if case .stated(let value) = self { value } else { nil } }
}
