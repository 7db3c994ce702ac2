/// The positions in an answer that say what was done and what it cost, for all shapes of answers.
///
/// One table serves every endpoint. Usage is found by its shape, so a future endpoint is metered too if its answer
/// looks like one of today's.
enum AnswerPosition: UInt8 {
    /// The answer's object, an event's, or an element of a top-level array.
    case root
    case id, object, model, status, serviceTier
    /// `type` at the root: the name of a Responses, image, audio or Anthropic event.
    case eventType
    /// `usage` at the root; with empty `choices` it marks the end of a chat stream.
    case usage
    /// A usage object anywhere else.
    case nestedUsage
    /// `usage` inside a choice (Moonshot).
    case choiceUsage
    case toolUsage
    /// A usage object with its own `model`: what authoring a drawing took, in addition to making it.
    case svgUsage
    /// The length of the sound or film, stated beside any usage.
    case duration
    /// An entry of `data`: a picture, or a vector.
    case dataEntry

    /// `choices` at the root.
    case choices
    case choice, choiceIndex
    /// Why a choice, message or candidate ended.
    case finishReason
    /// Why a response is incomplete.
    case incompleteReason

    /// Generated text that is sent once, whatever the form.
    case text
    /// Generated text that an event stream repeats after it was sent in deltas.
    case wholeText
    /// Generated output that is not text.
    case media
    /// The words of a sound, sent beside it.
    case transcript

    /// An object that asks for a tool call, one case per dialect; the call's own members follow.
    case chatCall, legacyCall, contentBlock, candidateCall
    /// An entry of a finished response's `output`, or the item of one event.
    case outputItem, streamedItem
    case callIndex, callType, callID, callName, callContainer
    /// What a hosted tool did, and how it went.
    case callAction, callStatus

    /// An entry of `tools`, as a response repeats it, and its members.
    case tool, toolType, toolModel, toolContainer, toolEnvironment, toolMemory

    case error, errorType, errorCode
    /// Other text of an error; the reader only notes that there is some.
    case errorText
    /// `code` at the root, where Responses' `error` event has it.
    case rootCode
}

extension AnswerPosition {
    private typealias Path = (path: String, position: UInt8, role: JSONPathTable.Role)

    /// The table of all positions.
    static let table = JSONPathTable(
        root: AnswerPosition.root.rawValue,
        paths: heads + usages + chat + responses + tools + assistants + anthropic + gemini + errors
    )

    private static func at(_ path: String, _ position: AnswerPosition, _ role: JSONPathTable.Role) -> Path {
        (path, position.rawValue, role)
    }

    /// `response.` in events of the Responses API, `message.` in Anthropic's `message_start`.
    private static let heads: [Path] =
        ["", "response.", "message."].flatMap { prefix in
            [
                at("\(prefix)id", .id, [.scalar, .envelope]), at("\(prefix)object", .object, [.scalar, .envelope]),
                at("\(prefix)model", .model, [.scalar, .envelope]), at("\(prefix)status", .status, .scalar),
                at("\(prefix)service_tier", .serviceTier, [.scalar, .envelope]),
            ]
        } + ["created", "system_fingerprint", "obfuscation", "provider"].map { at($0, .root, .envelope) } + [
            at("type", .eventType, .scalar), at("modelVersion", .model, .scalar), at("responseId", .id, .scalar),
        ]

    private static let usages = [
        at("usage", .usage, .verbatim), at("response.usage", .nestedUsage, .verbatim),
        at("message.usage", .nestedUsage, .verbatim), at("x_groq.usage", .nestedUsage, .verbatim),
        at("usageMetadata", .nestedUsage, .verbatim),
        at("tool_usage", .toolUsage, .verbatim), at("response.tool_usage", .toolUsage, .verbatim),
        at("svg_usage", .svgUsage, .verbatim), at("output[].svg_usage", .svgUsage, .verbatim),
        at("response.output[].svg_usage", .svgUsage, .verbatim),
        // `duration` of transcriptions and translations as `verbose_json`, `seconds` of videos.
        at("duration", .duration, .scalar), at("seconds", .duration, .scalar),
        at("data[]", .dataEntry, .announced),
    ]

    private static let chat: [Path] =
        [
            at("choices", .choices, []), at("choices[]", .choice, .announced),
            at("choices[].index", .choiceIndex, .scalar),
            at("choices[].finish_reason", .finishReason, .scalar), at("choices[].text", .text, .measured),
            at("choices[].usage", .choiceUsage, .verbatim),
        ] + chatMessage("choices[].delta", text: .text) + chatMessage("choices[].message", text: .wholeText)

    /// A chat message or delta. Perplexity repeats the whole message beside every delta. So in streams only deltas
    /// count.
    private static func chatMessage(_ path: String, text: AnswerPosition) -> [Path] {
        [
            at("\(path).content", text, .measured), at("\(path).content[].text", text, .measured),
            at("\(path).content[].thinking[].text", text, .measured),
            at("\(path).reasoning_content", text, .measured), at("\(path).reasoning", text, .measured),
            at("\(path).refusal", text, .measured), at("\(path).audio.transcript", .transcript, .measured),
            at("\(path).audio.data", .media, .measured),
            at("\(path).tool_calls[]", .chatCall, .announced),
            at("\(path).tool_calls[].index", .callIndex, .scalar), at("\(path).tool_calls[].id", .callID, .scalar),
            at("\(path).tool_calls[].function.name", .callName, .scalar),
            at("\(path).tool_calls[].function.arguments", text, .measured),
            at("\(path).tool_calls[].custom.name", .callName, .scalar),
            at("\(path).tool_calls[].custom.input", text, .measured),
            at("\(path).function_call", .legacyCall, .announced),
            at("\(path).function_call.name", .callName, .scalar),
            at("\(path).function_call.arguments", text, .measured),
        ]
    }

    private static let responses: [Path] =
        item("output[]", .outputItem) + item("response.output[]", .outputItem) + item("item", .streamedItem)
        + itemText("output[]") + [
            at("incomplete_details.reason", .incompleteReason, .scalar),
            at("response.incomplete_details.reason", .incompleteReason, .scalar),
            // Every delta event of Responses, transcriptions and speech; Anthropic and Assistants have objects here.
            at("delta", .text, .measured), at("text", .wholeText, .measured),
            at("audio", .media, .measured), at("b64_json", .media, .measured),
            at("partial_image_b64", .media, .measured), at("data[].b64_json", .media, .measured),
        ]

    private static func item(_ path: String, _ position: AnswerPosition) -> [Path] {
        [
            at(path, position, .announced), at("\(path).type", .callType, .scalar),
            at("\(path).call_id", .callID, .scalar), at("\(path).name", .callName, .scalar),
            at("\(path).container_id", .callContainer, .scalar),
            at("\(path).action.type", .callAction, .scalar), at("\(path).status", .callStatus, .scalar),
            // The container of a hosted shell (`shell_call`).
            at("\(path).environment.container_id", .callContainer, .scalar),
        ]
    }

    private static func itemText(_ path: String) -> [Path] {
        ["content[].text", "content[].refusal", "summary[].text", "arguments", "input", "code"].map {
            at("\(path).\($0)", .wholeText, .measured)
        }
    }

    private static let tools: [Path] =
        ["tools[]", "response.tools[]"].flatMap { path in
            [
                at(path, .tool, .announced), at("\(path).type", .toolType, .scalar),
                at("\(path).model", .toolModel, .scalar),
                at("\(path).container", .toolContainer, .scalar),
                at("\(path).container.memory_limit", .toolMemory, .scalar),
                at("\(path).environment.type", .toolEnvironment, .scalar),
                at("\(path).environment.memory_limit", .toolMemory, .scalar),
            ]
        }

    private static let assistants = [at("delta.content[].text.value", AnswerPosition.text, .measured)]

    private static let anthropic: [Path] =
        ["content[]", "content_block"].flatMap { path in
            [
                at(path, .contentBlock, .announced), at("\(path).type", .callType, .scalar),
                at("\(path).id", .callID, .scalar), at("\(path).name", .callName, .scalar),
                at("\(path).text", .wholeText, .measured), at("\(path).thinking", .wholeText, .measured),
            ]
        } + [
            at("delta.text", .text, .measured), at("delta.thinking", .text, .measured),
            at("delta.partial_json", .text, .measured), at("delta.stop_reason", .finishReason, .scalar),
            at("stop_reason", .finishReason, .scalar),
        ]

    private static let gemini = [
        at("candidates[]", .choice, .announced), at("candidates[].index", .choiceIndex, .scalar),
        at("candidates[].finishReason", .finishReason, .scalar),
        at("candidates[].content.parts[].text", .text, .measured),
        at("candidates[].content.parts[].functionCall", .candidateCall, .announced),
        at("candidates[].content.parts[].functionCall.id", .callID, .scalar),
        at("candidates[].content.parts[].functionCall.name", .callName, .scalar),
        at("candidates[].content.parts[].inlineData.data", .media, .measured),
    ]

    private static let errors: [Path] =
        ["error", "response.error"].flatMap { path in
            [
                at(path, .error, [.announced, .scalar]), at("\(path).type", .errorType, .scalar),
                at("\(path).code", .errorCode, .scalar),
            ] + ["message", "status", "reason", "detail"].map { at("\(path).\($0)", .errorText, .measured) }
        } + [at("code", .rootCode, .scalar)]
}
