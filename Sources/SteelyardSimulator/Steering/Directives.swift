/// The directives for one request, from the server's defaults and the request's `x-simulate` header.
///
/// `DirectiveTable` describes each one and its syntax.
struct Directives: Sendable {
    /// Where a chat stream has its usage.
    enum UsagePlacement: Sendable {
        /// As at OpenAI: an extra chunk before the end if the request asked for it, `null` on all others.
        case asked
        /// Never, also not in plain answers.
        case never
        /// On the last chunk with choices, requested or not (Mistral, DeepSeek, xAI).
        case besideContent
        /// Running totals on every chunk, requested or not (Gemini's compatible endpoint, vLLM's continuous usage).
        case everyChunk
    }

    /// What ends a line of a stream.
    enum LineEnd: Sendable {
        case lf, crlf, cr
    }

    /// A content coding to apply, whether the request accepts it or not.
    enum Coding: Sendable {
        case identity, gzip, deflate
    }

    // The answer.
    var usage: String?
    var answerModel: String?
    var tier: String?
    var id: String?
    var finish: String?
    var toolCall: String?
    var toolArguments: String?
    var events: Int?
    var bytes: Int?
    var cachedTokens = 0
    var reasoningTokens = 0
    var polls = 1

    // Errors.
    var status: Int?
    var errorType: String?
    var errorCode: String?
    var retryAfter: String?
    var retryAfterMilliseconds: String?
    var shouldRetry: String?
    var errorMidstream: Int?
    var refuseStreamOptions: Int?
    var redirect: Int?

    // The shape of a stream or body.
    var usagePlacement = UsagePlacement.asked
    var lineEnd = LineEnd.lf
    var coding = Coding.identity
    var azureFilters = false
    var comments = false
    var obfuscation = false
    var byteOrderMark = false
    var multiLine = false
    var noDone = false
    var wrongType = false
    var leadingNewlines = 0

    // Time.
    var delayMilliseconds = 0
    var firstByteMilliseconds = 0
    var eventMilliseconds = 0

    // The transport.
    var badHead: String?
    var cutAt: Int?
    var stallAfter: Int?
    var cutHead = false
    var reset = false
    var dripMilliseconds: Int?
    var split: Int?
    var noLength = false
    var trailers = false
    var lateAnswer = false
    var late408 = false
    var dieOnReuse = false
}

/// A directive that does not exist or has a value it cannot have.
struct DirectiveProblem: Error, Equatable {
    var message: String
}

extension Directives {
    /// Applies a list of `name=value` and `name` parts, separated by commas; later ones win.
    mutating func apply(_ list: String) throws(DirectiveProblem) {
        for part in list.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.trimmed(pair[0])
            guard !name.isEmpty else { continue }
            try DirectiveTable.apply(name, pair.count > 1 ? Self.trimmed(pair[1]) : nil, to: &self)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// The number that a list sets for a name, the last one if there are several; for the configuration's shorthands.
    static func number(_ name: String, in list: String) -> Int? {
        let parts = list.split(separator: ",").map(trimmed)
        return parts.last { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    /// A list with one more part.
    static func appending(_ part: String, to list: String) -> String {
        list.isEmpty ? part : list + ", " + part
    }
}
