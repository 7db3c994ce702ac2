import SteelyardWire
import Testing

@Suite("A chat answer")
struct ChatAnswerTests {
    @Test("tells id, model, reason and output without any usage")
    func withoutUsage() {
        let facts = AnswerFixture.chatStream.facts()
        #expect(facts.id == "chatcmpl-Cc7uWQ1uYvS0")
        #expect(facts.model == "gpt-4.1-2025-04-14")
        #expect(facts.objectType == "chat.completion.chunk")
        #expect(facts.usage == nil)
        #expect(facts.finishReasons == ["stop"])
        #expect(facts.finishedChoiceCount == 1)
        #expect(facts.outputByteCount == "Hel\nlo wörld 😀".utf8.count)
        #expect(facts.contentEventCount == 2)
        #expect(facts.isFinished)
    }

    @Test("gives the usage of its extra chunk and the tier that served")
    func withUsage() {
        let facts = AnswerFixture.chatStreamWithUsage.facts()
        #expect(facts.serviceTier == "priority")
        #expect(facts.usage?.inputTokens == 1117)
        #expect(facts.usage?.outputTokens == 46)
        #expect(facts.usage?.totalTokens == 1163)
        #expect(facts.usage?.cachedInputTokens == 1024)
        #expect(facts.usage?.reasoningTokens == 10)
        #expect(facts.usage?.rejectedPredictionTokens == 3)
        #expect(facts.usage?.inputExcludesCache == false)
        #expect(facts.usage?.leaves.isEmpty == true)
    }

    @Test("keeps the usage object byte for byte")
    func verbatim() {
        let text = #"{"prompt_tokens" : 1 ,"x":{"a":[1,{}]}, "completion_tokens":2.0}"#
        let facts = facts(.json, #"{"usage":\#(text),"choices":[]}"#)
        #expect(facts.usage.map { String(decoding: $0.verbatim, as: UTF8.self) } == text)
    }

    @Test("is finished by the usage chunk alone, before [DONE]")
    func finishedByUsage() {
        let last = #"{"choices":[],"usage":{"prompt_tokens":1}}"#
        #expect(facts(events: #"{"choices":[{"finish_reason":"stop"}]}"#, last).isFinished)
        #expect(facts(events: #"{"choices":[{"finish_reason":"stop"}]}"#, #"{"usage":{"prompt_tokens":1}}"#).isFinished)
    }

    @Test("is not finished by a usage chunk before its last content")
    func notFinishedByEarlyUsage() {
        let early = #"{"choices":[],"usage":{"prompt_tokens":1}}"#
        #expect(!facts(events: early, #"{"choices":[{"delta":{"content":"a"}}]}"#).isFinished)
    }

    @Test("is not finished by an empty chunk, a finish reason or a null usage")
    func notFinished() {
        let events = AnswerFixture.azureStream.bytes.split(separator: [10, 10])
        for count in 1...4 {
            let text = events.prefix(count).map { String(decoding: $0, as: UTF8.self) + "\n\n" }.joined()
            #expect(!facts(.eventStream, text).isFinished, "after \(count) events")
        }
        #expect(AnswerFixture.azureStream.facts().usage?.totalTokens == 9)
        #expect(AnswerFixture.azureStream.facts().model == "gpt-4.1-2025-04-14")
    }

    @Test("is not finished by usage beside its last content")
    func notFinishedByUsageBesideContent() {
        let last = #"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#
        #expect(!facts(events: last).isFinished)
        #expect(facts(events: last, "[DONE]").isFinished)
    }

    @Test("is not finished by an event that was cut short")
    func notFinishedByCutEvent() {
        let finish = #"{"choices":[{"finish_reason":"stop"}]}"#
        #expect(!facts(events: finish, #"{"choices":[],"usage":{"prompt_tokens":1}"#).isFinished)
        #expect(!facts(events: #"{"error":{"code":1}"#).isFinished)
    }

    @Test("keeps its model when a later chunk has an empty one")
    func emptyModel() {
        #expect(facts(events: #"{"model":"m","id":"i"}"#, #"{"model":"","id":"","object":""}"#).model == "m")
    }

    @Test("takes usage that stands beside content")
    func usageBesideContent() {
        let facts = AnswerFixture.usageBesideContent.facts()
        #expect(facts.usage?.outputTokens == 4)
        #expect(facts.finishReasons == ["length"])
        #expect(facts.outputByteCount == 7)
    }

    @Test("is finished by the usage chunk when all choices that were asked for have finished")
    func finishedByAllChoices() {
        let finish = (0..<3).map { #"data: {"choices":[{"index":\#($0),"finish_reason":"stop"}]}"# + "\n\n" }
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":7}}"# + "\n\n"
        func isFinished(_ text: String, choices: Int) -> Bool {
            var reader = AnswerWalk(.eventStream, choices: choices)
            reader.read(text.utf8Span.span)
            return reader.hasToldAll
        }
        #expect(isFinished(finish[0] + usage, choices: 1))
        #expect(!isFinished(finish[0] + usage, choices: 2))
        #expect(isFinished(finish[0] + usage + finish[1] + usage, choices: 2))
        #expect(!isFinished(finish[0] + finish[1] + usage, choices: 3))
        #expect(isFinished(finish[0] + usage + "data: [DONE]\n\n", choices: 2), "a provider may give fewer")
        // Nobody knows what was asked for, and a second choice is seen.
        let begun = #"data: {"choices":[{"index":1,"delta":{"content":"a"}}]}"# + "\n\n"
        #expect(!isFinished(begun + finish[0] + usage, choices: 1))
        #expect(isFinished(begun + finish[0] + finish[1] + usage, choices: 1))
    }

    @Test("reads nothing behind its end, so that the same bytes tell the same however they are cut")
    func nothingBehindTheEnd() {
        let begun = #"data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"# + "\n\n"
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":210,"completion_tokens":31}}"# + "\n\n"
        let other = #"data: {"id":"x","choices":[{"delta":{"content":"b"}}],"usage":{"prompt_tokens":9}}"# + "\n\n"
        let done = "data: [DONE]\n\n"
        for (text, tokens) in [(begun + done + usage, nil), (begun + usage + other + done, 210)] as [(String, Int64?)] {
            let fixture = AnswerFixture("", .eventStream, text)
            for cut in 0...fixture.bytes.count {
                let facts = fixture.facts(cutAt: [cut])
                #expect(facts.usage?.inputTokens == tokens, "cut at \(cut)")
                #expect(facts.outputByteCount == 1)
                #expect(facts.id == nil)
            }
        }
    }

    @Test("takes the usage that stands in its choice, where it has none of its own (Moonshot)")
    func usageInChoice() {
        let first = #"{"choices":[{"delta":{"content":"a"},"finish_reason":null}]}"#
        let last =
            #"{"choices":[{"usage":{"prompt_tokens":210,"completion_tokens":31,"total_tokens":241},"index":0,"finish_reason":"stop"}]}"#
        let streamed = facts(events: first, last, "[DONE]")
        #expect(streamed.usage?.inputTokens == 210)
        #expect(streamed.usage?.outputTokens == 31)
        #expect(streamed.usage?.totalTokens == 241)
        #expect(facts(.json, last).usage?.verbatim == streamed.usage?.verbatim)
        let own = #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}"#
        #expect(facts(events: last, own).usage?.inputTokens == 7, "the answer's own is for all of it")
        let zeros = #"{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#
        #expect(facts(events: last, zeros).usage?.inputTokens == 210)
    }

    @Test("puts together what several choices say: one prompt, and the output of each")
    func usageInSeveralChoices() {
        func chunk(_ index: Int, _ output: Int, _ reason: String) -> String {
            #"{"choices":[{"index":\#(index),"finish_reason":\#(reason),"usage":{"prompt_tokens":10,"completion_tokens":\#(output),"total_tokens":\#(10 + output)}}]}"#
        }
        let facts = facts(events: chunk(0, 1, "null"), chunk(0, 3, #""stop""#), chunk(1, 4, #""stop""#), "[DONE]")
        #expect(facts.usage?.inputTokens == 10)
        #expect(facts.usage?.outputTokens == 7)
        #expect(
            facts.usage.map { String(decoding: $0.verbatim, as: UTF8.self) }?.hasPrefix(#"[{"prompt_tokens":10,"#)
                == true
        )
    }

    @Test("takes the last of running totals, never their sum")
    func runningUsage() {
        let usage = AnswerFixture.runningUsage.facts().usage
        #expect(usage?.inputTokens == 7)
        #expect(usage?.outputTokens == 5)
        #expect(usage?.totalTokens == 12)
    }

    @Test("lets null and absent fields of later usage keep what was known")
    func laterUsageWithGaps() {
        let usage = facts(
            events: #"{"usage":{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":4}}}"#,
            #"{"usage":{"prompt_tokens":null,"completion_tokens":2,"prompt_tokens_details":null}}"#,
            #"{"usage":null}"#
        ).usage
        #expect(usage?.inputTokens == 9)
        #expect(usage?.outputTokens == 2)
        #expect(usage?.cachedInputTokens == 4)
    }

    @Test("takes Groq's usage and keeps its times as exact decimals")
    func groq() {
        let usage = AnswerFixture.groqStream.facts().usage
        #expect(usage?.outputTokens == 5)
        #expect(usage?.leaves.map(\.path) == ["queue_time", "prompt_time"])
        #expect(
            usage?.leaves.map(\.number) == [
                JSONNumber(significand: 372, exponent: -4), JSONNumber(significand: 612, exponent: -6),
            ]
        )
    }

    @Test("passes over comments and keeps a stated cost")
    func openRouter() {
        let facts = AnswerFixture.openRouterStream.facts()
        #expect(facts.usage?.totalTokens == 4)
        #expect(facts.usage?.leaves == [UsageLeaf(path: "cost", number: JSONNumber(significand: 195, exponent: -8))])
        #expect(facts.contentEventCount == 1)
        #expect(facts.unreadableEventCount == 0)
    }

    @Test("ends with an error in mid-stream, whose code may be an integer")
    func errorInStream() {
        let facts = AnswerFixture.errorInStream.facts()
        #expect(facts.error == AnswerError(type: "rate_limit", code: "429"))
        #expect(facts.isFinished)
    }

    @Test("puts fragments of tool calls together")
    func toolCalls() {
        let facts = AnswerFixture.toolCallStream.facts()
        #expect(
            facts.toolCalls == [ToolCall(id: "call_a", name: "get_weather"), ToolCall(id: "call_b", name: "search")]
        )
        #expect(facts.outputByteCount == #"{"city":"Paris"}{}"#.utf8.count)
        #expect(facts.contentEventCount == 4)
    }

    @Test("counts the choices that have finished, in any order of members")
    func twoChoices() {
        let facts = AnswerFixture.twoChoices.facts()
        #expect(facts.finishedChoiceCount == 2)
        #expect(facts.finishReasons == ["stop", "length"])
    }

    @Test("counts deltas and not the whole message beside them")
    func wholeMessageBesideDelta() { #expect(AnswerFixture.perplexityStream.facts().outputByteCount == 4) }

    @Test("is read through byte order mark, comments and every kind of line end")
    func lineEnds() {
        let facts = AnswerFixture.lineEnds.facts()
        #expect(facts.id == "y")
        #expect(facts.model == "m")
        #expect(facts.outputByteCount == 1)
        #expect(facts.unreadableEventCount == 0)
        #expect(facts.isFinished)
    }

    @Test("reads plain as it reads streamed")
    func plain() {
        let facts = AnswerFixture.chatPlain.facts()
        #expect(facts.id == "chatcmpl-B1")
        #expect(facts.model == "gpt-5.4-2026-03-05")
        #expect(facts.serviceTier == "flex")
        #expect(facts.toolCalls == [ToolCall(id: "call_1", name: "look_up")])
        #expect(facts.outputByteCount == #"Hello!{"q":1}"#.utf8.count)
        #expect(facts.usage?.totalTokens == 1163)
        #expect(facts.isFinished)
        #expect(facts.gaveUp == nil)
    }

    @Test(
        "plain is finished with its last byte, and not before",
        arguments: AnswerFixture.all.filter { $0.form == .json }
    )
    func plainEnd(_ fixture: AnswerFixture) {
        let text = fixture.bytes.dropLast(fixture.name == AnswerFixture.trailingBytes.name ? 1 : 0)
        var reader = AnswerWalk(.json)
        for byte in text.dropLast() {
            reader.read([byte].span)
            #expect(!reader.isFinished)
        }
        reader.read(Array(text.suffix(1)).span)
        #expect(reader.isFinished)
    }

    @Test("reads legacy completions")
    func completion() {
        let facts = AnswerFixture.completionPlain.facts()
        #expect(facts.outputByteCount == 6)
        #expect(facts.finishedChoiceCount == 2)
        #expect(facts.usage?.totalTokens == 7)
    }

    @Test("is read after DeepSeek's blank lines, with its cache fields")
    func deepSeek() {
        let facts = AnswerFixture.deepSeekPlain.facts()
        #expect(facts.usage?.cachedInputTokens == 16)
        #expect(facts.usage?.inputTokens == 20)
        #expect(facts.outputByteCount == "xbecause".utf8.count)
    }

    @Test("is read with members in any order and names in escapes")
    func escapedNames() {
        let facts = AnswerFixture.usageBeforeChoices.facts()
        #expect(facts.usage?.inputTokens == 5)
        #expect(facts.usage?.totalTokens == 11)
        #expect(facts.id == "c-1")
    }
}

@Suite("A response")
struct ResponsesAnswerTests {
    @Test("streamed tells usage, tools and items once")
    func completed() {
        let facts = AnswerFixture.responsesStream.facts()
        #expect(facts.id == "resp_68a1")
        #expect(facts.model == "gpt-6-terra-2026-10-01")
        #expect(facts.status == "completed")
        #expect(facts.serviceTier == "default")
        #expect(facts.usage?.inputTokens == 328)
        #expect(facts.usage?.cacheWriteTokens == 64)
        #expect(facts.usage?.cacheWriteLongTokens == 24)
        #expect(facts.usage?.reasoningTokens == 32)
        #expect(facts.toolUsage?.webSearchRequests == 2)
        #expect(facts.outputItems[.webSearchCall] == 1)
        #expect(facts.outputItems[.codeInterpreterCall] == 1)
        #expect(facts.outputItems.containerCount == 1)
        #expect(facts.outputItems[.functionCall] == 1)
        #expect(facts.toolCalls == [ToolCall(id: "call_9", name: "lookup")])
        #expect(facts.outputByteCount == #"{"a":1}Hi there"#.utf8.count)
        #expect(facts.contentEventCount == 3)
        #expect(facts.isFinished)
    }

    @Test("plain tells the same as streamed")
    func plain() {
        let (plain, streamed) = (AnswerFixture.responsesPlain.facts(), AnswerFixture.responsesStream.facts())
        #expect(plain.usage == streamed.usage)
        #expect(plain.toolUsage == streamed.toolUsage)
        #expect(plain.outputItems == streamed.outputItems)
        #expect(plain.toolCalls == streamed.toolCalls)
        #expect(plain.outputByteCount == streamed.outputByteCount + "1+1".utf8.count)
    }

    @Test("repeats the tools of its request, with what its provider chose")
    func tools() {
        let tools =
            #"[{"type":"function","name":"f","model":"no"},{"model":"gpt-image-2","type":"image_generation"},"#
            + #"{"type":"shell","environment":{"memory_limit":"4g","type":"container_auto"}},"#
            + #"{"type":"web_search_preview_2025_03_11"}]"#
        let early = #"data: {"type":"response.created","response":{"tools":\#(tools)}}"# + "\n\n"
        let delta = #"data: {"type":"response.output_text.delta","delta":"a"}"# + "\n\n"
        for facts in [facts(.eventStream, early + delta), facts(.json, #"{"tools":\#(tools)}"#)] {
            #expect(facts.toolSettings?.imageModel == .stated("gpt-image-2"))
            #expect(facts.toolSettings?.containerMemory == .stated("4g"))
            #expect(facts.toolSettings?.offersPreviewSearch == true && facts.toolSettings?.offersSearch == false)
        }
        #expect(facts(.json, #"{"tools":[{"type":"function"}]}"#).toolSettings == nil)
    }

    @Test("counts items of a stream that never got to its final list")
    func cutStream() {
        let text = String(decoding: AnswerFixture.responsesStream.bytes, as: UTF8.self)
        let facts = facts(
            .eventStream,
            String(text.prefix(upTo: text.firstRange(of: "event: response.completed")!.lowerBound))
        )
        #expect(facts.outputItems[.webSearchCall] == 1)
        #expect(facts.toolCalls.count == 1)
        #expect(facts.usage == nil)
        #expect(!facts.isFinished)
    }

    @Test(
        "counts the searches among its search items: opened pages and failed searches are none",
        arguments: [
            (#""status":"completed","action":{"type":"search","query":"q"}"#, 1), (#""status":"completed""#, 1),
            (#""action":{"type":"search"},"status":"in_progress""#, 1),
            (#""status":"failed","action":{"type":"search"}"#, 0),
            (#""action":{"type":"open_page","url":"u"}"#, 0),
            (#""action":{"type":"find_in_page"},"status":"completed""#, 0),
        ]
    )
    func searches(_ members: String, _ count: Int) {
        let item = #"{"type":"web_search_call","id":"ws_1",\#(members)}"#
        #expect(
            facts(.json, #"{"output":[\#(item),{"type":"message","status":"failed"}]}"#).outputItems[.webSearchCall]
                == count
        )
        let done = #"{"type":"response.output_item.done","item":\#(item)}"#
        #expect(facts(events: done).outputItems[.webSearchCall] == count)
        let end = #"{"type":"response.completed","response":{"output":[\#(item)]}}"#
        #expect(facts(events: done, end).outputItems[.webSearchCall] == count)
    }

    @Test("counts no file search that failed, and any other item that ran")
    func failedItems() {
        let items = [
            #"{"type":"file_search_call","status":"failed"}"#, #"{"type":"file_search_call","status":"completed"}"#,
            #"{"type":"code_interpreter_call","status":"failed","container_id":"c"}"#,
        ]
        let counts = facts(.json, #"{"output":[\#(items.joined(separator: ","))]}"#).outputItems
        #expect(counts[.fileSearchCall] == 1)
        #expect(counts.containerCount == 1)
    }

    @Test("incomplete is finished, with its usage and reason")
    func incomplete() {
        let facts = AnswerFixture.responsesIncomplete.facts()
        #expect(facts.status == "incomplete")
        #expect(facts.usage?.totalTokens == 380)
        #expect(facts.finishReasons == ["max_output_tokens"])
        #expect(facts.isFinished)
    }

    @Test("failed is finished, with usage and error")
    func failed() {
        let facts = AnswerFixture.responsesFailed.facts()
        #expect(facts.error == AnswerError(type: nil, code: "server_error"))
        #expect(facts.usage?.totalTokens == 380)
        #expect(facts.isFinished)
    }

    @Test("ends with an error event, whose code stands at the root")
    func errorEvent() {
        let facts = AnswerFixture.responsesErrorEvent.facts()
        #expect(facts.error == AnswerError(type: nil, code: "rate_limit_exceeded"))
        #expect(facts.isFinished)
    }

    @Test("queued in the background has a status and no usage")
    func queued() {
        let facts = AnswerFixture.responsesQueued.facts()
        #expect(facts.status == "queued")
        #expect(facts.usage == nil)
        #expect(facts.error == nil)
        #expect(facts.isFinished)
    }

    @Test("of audio counts no base64 as text")
    func audioDelta() {
        let facts = facts(events: #"{"delta":"AAAA","type":"response.output_audio.delta"}"#)
        #expect(facts.outputByteCount == 0)
        #expect(facts.contentEventCount == 1)
    }
}

@Suite("Other answers")
struct OtherAnswerTests {
    @Test(
        "with an error member that says nothing have no error",
        arguments: [
            "null", "{}", #""""#, "[]", "false", "0", #"{"code":null,"message":null,"param":null}"#,
            #"{"code":"","message":""}"#, #"{"code":0,"message":"","type":null}"#,
        ]
    )
    func noError(_ error: String) {
        #expect(facts(.json, #"{"object":"fine_tuning.job","error":\#(error),"status":"running"}"#).error == nil)
        let completed = #"{"type":"response.completed","response":{"status":"completed","error":\#(error)}}"#
        #expect(facts(events: completed).error == nil)
        let chunk = #"{"error":\#(error),"choices":[{"delta":{"content":"a"}}]}"#
        #expect(!facts(events: chunk).isFinished)
        #expect(facts(events: chunk).error == nil)
    }

    @Test(
        "with an error that says anything have one",
        arguments: [
            (#""x""#, nil), ("1", nil), (#"{"message":"m"}"#, nil), (#"{"code":"c"}"#, "c"), (#"{"type":"t"}"#, nil),
            (#"{"code":429}"#, "429"), (#"{"code":null,"message":"m"}"#, nil),
            (#"{"code":0,"status":"UNAVAILABLE"}"#, "0"),
        ] as [(String, String?)]
    )
    func someError(_ error: String, _ code: String?) {
        let facts = facts(events: #"{"error":\#(error)}"#)
        #expect(facts.error != nil)
        #expect(facts.error?.code == code)
        #expect(facts.isFinished)
    }

    @Test("of pictures that are streamed are finished with the last that was asked for")
    func pictures() {
        let picture =
            #"data: {"type":"image_generation.completed","b64_json":"AAAA","usage":{"output_tokens":5}}"# + "\n\n"
        var reader = AnswerWalk(.eventStream, choices: 2)
        reader.read(picture.utf8Span.span)
        #expect(!reader.hasToldAll)
        reader.read(picture.utf8Span.span)
        #expect(reader.hasToldAll)
    }

    @Test("of /responses/compact have usage and no model")
    func compact() {
        #expect(AnswerFixture.compactPlain.facts().usage?.totalTokens == 12)
        #expect(AnswerFixture.compactPlain.facts().model == nil)
    }

    @Test("of embeddings and moderations are read")
    func embeddings() {
        let facts = AnswerFixture.embeddingsPlain.facts()
        #expect(facts.model == "text-embedding-3-small")
        #expect(facts.usage?.inputTokens == 8)
        #expect(facts.usage?.outputTokens == nil)
        #expect(AnswerFixture.moderationPlain.facts().model == "omni-moderation-latest")
        #expect(AnswerFixture.moderationPlain.facts().usage == nil)
    }

    @Test("of an assistants run take the run's usage and not its steps'")
    func assistants() {
        let facts = AnswerFixture.assistantsStream.facts()
        #expect(facts.id == "run_1")
        #expect(facts.objectType == "thread.run")
        #expect(facts.status == "completed")
        #expect(facts.usage?.totalTokens == 32)
        #expect(facts.outputByteCount == 5)
        #expect(facts.isFinished)
    }

    @Test("of an assistants run cut off after a step have the run's id and no usage")
    func assistantsCut() {
        let events = AnswerFixture.assistantsStream.bytes.split(separator: [10, 10]).prefix(3)
        let facts = facts(.eventStream, events.map { String(decoding: $0, as: UTF8.self) + "\n\n" }.joined())
        #expect(facts.id == "run_1")
        #expect(facts.status == "queued")
        #expect(facts.usage == nil)
    }

    @Test("of an assistants run are finished by the event's name alone")
    func assistantsEnd() {
        let run = "event: thread.run.expired\ndata: {\"id\":\"run_1\",\"object\":\"thread.run\"}\n\n"
        #expect(facts(.eventStream, run).isFinished)
        #expect(!facts(.eventStream, run.replacing("expired", with: "requires_action")).isFinished)
    }

    @Test("of transcriptions have singular details or a duration")
    func transcriptions() {
        let streamed = AnswerFixture.transcriptionStream.facts()
        #expect(streamed.usage?.audioInputTokens == 10)
        #expect(streamed.usage?.textInputTokens == 4)
        #expect(streamed.outputByteCount == 8)
        #expect(streamed.isFinished)
        let plain = AnswerFixture.transcriptionDuration.facts()
        #expect(plain.usage?.durationMicroseconds == 12_345_000)
        #expect(plain.outputByteCount == 8)
    }

    @Test("of images have image tokens, and their base64 is no text")
    func images() {
        let facts = AnswerFixture.imagesPlain.facts()
        #expect(facts.usage?.imageInputTokens == 40)
        #expect(facts.usage?.outputTokens == 1056)
        #expect(facts.outputByteCount == 0)
        #expect(facts.contentEventCount == 1)
    }

    @Test(
        "without usage in a known place have none",
        arguments: [
            #"{"id":"vs_1","object":"vector_store","usage_bytes":139920}"#,
            #"{"object":"response.input_tokens","input_tokens":11}"#,
            #"{"usage":{}}"#, #"{"usage":[{"prompt_tokens":1}]}"#, #"{"usage":"12"}"#,
            #"{"metadata":{"usage":{"prompt_tokens":1}}}"#,
        ]
    )
    func noUsage(_ body: String) { #expect(facts(.json, body).usage == nil) }

    @Test("of Anthropic, streamed, put input and output together, cache beside the input")
    func anthropicStream() {
        let facts = AnswerFixture.anthropicStream.facts()
        #expect(facts.id == "msg_01")
        #expect(facts.model == "claude-sonnet-5")
        #expect(facts.usage?.inputTokens == 25)
        #expect(facts.usage?.inputExcludesCache == true)
        #expect(facts.usage?.allInputTokens == 2125)
        #expect(facts.usage?.cachedInputTokens == 2000)
        #expect(facts.usage?.cacheWriteTokens == 100)
        #expect(facts.usage?.cacheWriteLongTokens == 40)
        #expect(facts.usage?.outputTokens == 15)
        #expect(facts.finishReasons == ["tool_use"])
        #expect(facts.finishedChoiceCount == 1)
        #expect(facts.toolCalls == [ToolCall(id: "toolu_1", name: "calc")])
        #expect(facts.outputByteCount == #"Hello{"x":1}"#.utf8.count)
        #expect(facts.isFinished)
    }

    @Test("of Anthropic, plain, are read")
    func anthropicPlain() {
        let facts = AnswerFixture.anthropicPlain.facts()
        #expect(facts.usage?.inputExcludesCache == false)
        #expect(facts.usage?.outputTokens == 5)
        #expect(facts.toolCalls == [ToolCall(id: "toolu_2", name: "calc")])
        #expect(facts.outputByteCount == 2)
    }

    @Test("of Gemini as an array: the last metadata, thoughts counted as output")
    func gemini() {
        let facts = AnswerFixture.geminiArray.facts()
        #expect(facts.id == "r1")
        #expect(facts.model == "gemini-3.6-flash")
        #expect(facts.usage?.inputTokens == 10)
        #expect(facts.usage?.toolPromptTokens == 6)
        #expect(facts.usage?.allInputTokens == 16)
        #expect(facts.usage?.outputTokens == 34)
        #expect(facts.usage?.outputWasRaisedToTotal == true)
        #expect(facts.usage?.reasoningTokens == 30)
        #expect(facts.usage?.textInputTokens == 10)
        #expect(facts.usage?.textOutputTokens == 4)
        #expect(facts.finishReasons == ["STOP"])
        #expect(facts.contentEventCount == 2)
        #expect(facts.toolCalls == [ToolCall(id: "", name: "f")])
        #expect(facts.isFinished)
    }

    @Test("of xAI count reasoning outside the output by the total")
    func xAI() {
        let usage = AnswerFixture.xAIStream.facts().usage
        #expect(usage?.outputTokens == 309)
        #expect(
            usage?.leaves.contains(UsageLeaf(path: "cost_in_usd_ticks", number: JSONNumber(significand: 37_756_000)))
                == true
        )
    }

    @Test("with events that are no JSON are read past them")
    func unreadable() {
        let facts = AnswerFixture.unreadableEvents.facts()
        #expect(facts.unreadableEventCount == 2)
        #expect(facts.model == "m")
        #expect(facts.gaveUp == nil)
        #expect(facts.isFinished)
    }

    @Test("broken off inside an event keep what was whole, and are not finished")
    func brokenOff() {
        let facts = AnswerFixture.brokenOff.facts()
        #expect(facts.usage?.inputTokens == 4)
        #expect(facts.outputByteCount == 5)
        #expect(facts.contentEventCount == 2)
        #expect(!facts.isFinished)
    }

    @Test("whose last event lacks its blank line are read to the end")
    func unterminated() {
        #expect(AnswerFixture.unterminated.facts().usage?.totalTokens == 5)
        #expect(AnswerFixture.unterminated.facts().isFinished)
    }

    @Test("that are opaque tell nothing")
    func opaque() { #expect(facts(.opaque, #"{"usage":{"prompt_tokens":1}}"#) == AnswerFacts()) }
}

@Suite("An answer is read as what it is, not as what it is called")
struct LabelledAnswerTests {
    private func facts(_ bytes: [UInt8], labelled label: AnswerForm, cutAt cut: Int) -> (AnswerFacts, AnswerForm) {
        var reader = AnswerWalk(labelled: label)
        reader.read(bytes.span.extracting(0..<cut))
        reader.read(bytes.span.extracting(cut...))
        reader.finish()
        return (reader.facts, reader.form)
    }

    @Test(
        "under every label and at every split",
        arguments: AnswerFixture.all,
        [AnswerForm.json, .eventStream, .opaque]
    )
    func labels(_ fixture: AnswerFixture, _ label: AnswerForm) {
        let whole = fixture.facts()
        for cut in 0...fixture.bytes.count {
            let (facts, form) = facts(fixture.bytes, labelled: label, cutAt: cut)
            guard facts == whole, form == fixture.form else {
                Issue.record("cut at \(cut): \(form) \(facts)\nwhole: \(whole)")
                return
            }
        }
    }

    @Test(
        "what begins like neither is what its label says",
        arguments: ["<html>", "date: 1", "database", "dat", "e", "idle", "", "\n", "\"text\"", "12"],
        [AnswerForm.json, .eventStream, .opaque]
    )
    func undecided(_ text: String, _ label: AnswerForm) {
        for cut in 0...text.utf8.count {
            #expect(facts(Array(text.utf8), labelled: label, cutAt: cut).1 == label)
        }
    }

    @Test("and told otherwise, it is read as it is called: sound may begin like anything")
    func fixed() { #expect(AnswerFixture("", .opaque, #"{"usage":{"prompt_tokens":1}}"#).facts().usage == nil) }
}

@Suite("Reading stays within bounds")
struct AnswerBoundsTests {
    @Test(
        "a plain answer that is no JSON, or too deep, is given up with the reason",
        arguments: [
            ("<html>", AnswerFailure.invalidJSON), (#"{"a":[}"#, .invalidJSON), (#"{"a" 1}"#, .invalidJSON),
            (String(repeating: "[", count: 1025), .nestedTooDeep),
            (#"{"a":"# + String(repeating: "[", count: 1024), .nestedTooDeep),
        ]
    )
    func gaveUp(_ body: String, _ reason: AnswerFailure) {
        #expect(facts(.json, body).gaveUp == reason)
        #expect(!facts(.json, body).isFinished)
    }

    @Test("a plain answer followed by other bytes has ended with its text, and that is said")
    func trailingBytes() {
        let facts = AnswerFixture.trailingBytes.facts()
        #expect(facts.usage?.totalTokens == 7)
        #expect(facts.isFinished)
        #expect(facts.gaveUp == .invalidJSON)
    }

    @Test("an image of 16 MiB in one event costs nothing and hides nothing")
    func longLine() {
        var reader = AnswerWalk(.eventStream)
        let head = Array(#"data: {"type":"image_generation.completed","b64_json":""#.utf8)
        let image = [UInt8](repeating: UInt8(ascii: "A"), count: 65_536)
        reader.read(head.span)
        for _ in 0..<256 { reader.read(image.span) }
        reader.read(#"","usage":{"input_tokens":5,"output_tokens":6,"total_tokens":11}}"#.utf8Span.span)
        #expect(reader.isFinished)
        #expect(reader.facts.usage?.totalTokens == 11)
        #expect(reader.outputByteCount == 0)
        #expect(reader.contentEventCount == 1)
    }

    @Test("a usage object beyond 16 KiB is left out, and that is said")
    func longUsage() {
        let usage = #"{"prompt_tokens":1,"x":""# + String(repeating: "y", count: 16_400) + #""}"#
        let facts = facts(.json, #"{"usage":\#(usage),"model":"m"}"#)
        #expect(facts.usage == nil)
        #expect(facts.gaveUp == .usageTooLong)
        #expect(facts.model == "m")
    }

    @Test("names and ids beyond their bounds are left out")
    func longTexts() {
        let long = String(repeating: "m", count: 257)
        #expect(facts(.json, #"{"model":"\#(long)","id":"\u006d\#(long)","object":"o"}"#).model == nil)
        #expect(facts(.json, #"{"model":"\#(long)","id":"\u006d\#(long)","object":"o"}"#).id == nil)
        #expect(facts(.json, #"{"model":"\#(long)","object":"o"}"#).objectType == "o")
    }

    @Test("tool calls, finish reasons and unknown numbers are bounded")
    func bounded() {
        let calls = (0..<100).map { #"{"index":\#($0),"id":"c\#($0)","function":{"name":"f"}}"# }.joined(separator: ",")
        let choices = (0..<20).map { #"{"index":\#($0),"finish_reason":"r\#($0)"}"# }.joined(separator: ",")
        let leaves = (0..<100).map { #""x\#($0)":\#($0)"# }.joined(separator: ",")
        let facts = facts(
            .json,
            #"{"choices":[{"message":{"tool_calls":[\#(calls)]}},\#(choices)],"usage":{\#(leaves)}}"#
        )
        #expect(facts.toolCalls.count == 64)
        #expect(facts.finishReasons.count == 8)
        #expect(facts.finishedChoiceCount == 20)
        #expect(facts.usage?.leaves.count == UsageReading.leafLimit)
    }
}
