import SeededRandom
import SteelyardWire
import Testing

@Suite("A metered request's body")
struct RequestBodyTests {
    private func facts(_ body: String) throws -> RequestFacts {
        try #require(try RequestBody.read(body.utf8Span.span))
    }

    @Test("a chat request tells its model, stream flag, caps and text")
    func chat() throws {
        let facts = try facts(
            #"{"model":"gpt-4.1","messages":[{"role":"system","content":"Be"},{"role":"user","content":"héy"}],"#
                + #""stream":true,"max_completion_tokens":256,"n":2,"service_tier":"flex"}"#
        )
        #expect(facts.model == "gpt-4.1" && !facts.hasOversizedModel)
        #expect(facts.streams && !facts.isBackground && !facts.hasStoredInput)
        #expect(facts.outputCaps.maxCompletionTokens == 256 && facts.outputCaps.maxTokens == nil)
        #expect(facts.choiceCount == 2 && facts.candidateCount == nil)
        #expect(facts.serviceTier == "flex")
        #expect(facts.textByteCount == "system".utf8.count + "Be".utf8.count + "user".utf8.count + "héy".utf8.count)
    }

    @Test("a Responses request tells what its provider adds and runs")
    func responses() throws {
        let facts = try facts(
            #"{"model":"o5","background":true,"previous_response_id":"resp_1","prompt_cache_options":{"ttl":"12h"},"#
                + #""max_output_tokens":9,"instructions":"abc","input":"de","#
                + #""tools":[{"type":"function","name":"f"},{"name":"w","type":"web_search"},{"type":"mcp"},"#
                + #"{"type":"custom"},{}]}"#
        )
        #expect(facts.isBackground && facts.hasStoredInput)
        #expect(facts.promptCacheTTL == "12h" && facts.outputCaps.maxOutputTokens == 9)
        #expect(facts.hostedTools == ["web_search", "mcp"])
        #expect(facts.textByteCount == 5 && facts.inputCount == 1)
        #expect(facts.schemaByteCount > 80)
    }

    @Test(
        "the settings of tools are kept, whatever order they come in",
        arguments: [
            (#"{"type":"image_generation","model":"m"}"#, .stated("m"), .absent),
            (#"{"model":"m","type":"image_generation"}"#, .stated("m"), .absent),
            (#"{"type":"image_generation"}"#, .unstated, .absent),
            (#"{"type":"image_generation","model":7}"#, .unstated, .absent),
            (#"{"type":"image_generation","model":"m"},{"type":"image_generation"}"#, .unknown, .absent),
            (#"{"type":"function","model":"m","container":"c"}"#, .absent, .absent),
            (#"{"type":null,"model":"m"}"#, .absent, .absent),
            (#"{"type":"code_interpreter","container":{"type":"auto"}}"#, .absent, .stated("1g")),
            (#"{"type":"code_interpreter","container":{"memory_limit":"16g"}}"#, .absent, .stated("16g")),
            (#"{"type":"code_interpreter","container":"cntr_1"}"#, .absent, .unknown),
            (#"{"environment":{"type":"container_auto"},"type":"shell"}"#, .absent, .stated("1g")),
            (#"{"type":"shell","environment":{"type":"container_reference","container_id":"c"}}"#, .absent, .unknown),
            (#"{"type":"shell","environment":{"type":"local"}},{"type":"shell"}"#, .absent, .absent),
        ] as [(String, ToolSetting, ToolSetting)]
    )
    func toolSettings(tools: String, imageModel: ToolSetting, memory: ToolSetting) throws {
        let settings = try facts(#"{"model":"m","tools":[\#(tools)],"stream":true}"#).toolSettings
        #expect(settings.imageModel == imageModel)
        #expect(settings.containerMemory == memory)
    }

    @Test("characters are counted only when they are asked for, and only of one text")
    func characters() throws {
        let body = #"{"input":"h\u00e9llo","prompt":"no"}"#
        #expect(try facts(body).characterCount == nil)
        #expect(try RequestBody.read(body.utf8Span.span, countsCharacters: true)?.characterCount == 5)
        #expect(try RequestBody.read(#"{"input":["a"]}"#.utf8Span.span, countsCharacters: true)?.characterCount == nil)
    }

    @Test("the length of a film is a number, or text that is one")
    func seconds() throws {
        #expect(try facts(#"{"seconds":"8"}"#).seconds == 8)
        #expect(try facts(#"{"seconds":12}"#).seconds == 12)
        #expect(try facts(#"{"seconds":"long"}"#).seconds == nil)
    }

    @Test(
        "input that the provider holds is seen",
        arguments: [
            (#"{"previous_response_id":"r"}"#, true), (#"{"previous_response_id":null}"#, false),
            (#"{"conversation":{"id":"c"}}"#, true), (#"{"conversation":null}"#, false),
            (#"{"prompt":{"id":"pmpt_1"}}"#, true), (#"{"prompt":"p"}"#, false),
            (#"{"input":[{"type":"item_reference","id":"x"}]}"#, true), (#"{"input":[{"type":"message"}]}"#, false),
            (#"{"input":[{"id":"msg_1"}]}"#, true), (#"{"input":[{"type":null,"id":"msg_1"}]}"#, true),
            (#"{"input":[{"id":"msg_1","pad":"text"}]}"#, true), (#"{"input":[{"id":"msg_1","status":"x"}]}"#, true),
            (#"{"input":[{"type":"item_reference","id":"x","type":"message","content":"y"}]}"#, true),
            (#"{"input":[{"type":"image_generation_call","id":"ig_1"}]}"#, true),
            (#"{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null}]}"#, true),
            (#"{"input":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"t"}]}]}"#, false),
            (#"{"input":[{"type":"message","id":"m","role":"user","content":[{"text":"t"}]}]}"#, false),
            (#"{"input":[{"id":"m","role":"user","content":"t"}]}"#, false),
            (#"{"messages":[{"role":"user","content":"t","id":"m"}]}"#, false),
            (#"{"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]}"#, true),
            (#"{"assistant_id":"asst_1"}"#, true),
        ]
    )
    func storedInput(body: String, isStored: Bool) throws {
        #expect(try facts(body).hasStoredInput == isStored)
    }

    @Test(
        "prompts and inputs are counted as the provider will bill them",
        arguments: [
            (#"{"prompt":"a","input":"b"}"#, 1, 1, 0),
            (#"{"prompt":["a","b"],"input":["a","b","c"]}"#, 2, 3, 0),
            (#"{"prompt":[1,22,333],"input":[[1,2],[3]]}"#, 1, 2, 6),
            (#"{"prompt":[],"input":[]}"#, 0, 0, 0),
            (#"{"prompt":null,"input":7}"#, 0, 0, 0),
            (#"{"prompt":[1,"a"],"input":["1",2,3]}"#, 2, 3, 3),
            (#"{"input":[{"role":"user","content":"x","n":5},{"type":"message"}]}"#, 0, 2, 0),
        ]
    )
    func counts(body: String, prompts: Int, inputs: Int, tokenIDs: Int) throws {
        let facts = try facts(body)
        #expect(facts.promptCount == prompts && facts.inputCount == inputs && facts.tokenIDCount == tokenIDs)
    }

    @Test("images, files and audio are counted, and their bytes are not text")
    func media() throws {
        let facts = try facts(
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"abcd"},"#
                + #"{"image_url":{"url":"data:image/png;base64,AAAA"},"type":"image_url"},"#
                + #"{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},"#
                + #"{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA"}}]}]}"#
        )
        #expect(facts.imageCount == 1 && facts.audioCount == 1 && facts.fileCount == 1 && !facts.hasRemoteMedia)
        #expect(facts.textByteCount == "user".count + "abcd".count + "wav".count)
    }

    private static let letters = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"

    /// What begins as a PNG in base64 does.
    private static func picture(_ byteCount: Int) -> String {
        String(String(repeating: letters, count: byteCount / letters.count + 1).prefix(byteCount))
    }

    @Test(
        "pictures sent back are pictures under whatever key, and with whatever escapes",
        arguments: [
            #"{"type":"image_generation_call","id":"ig_1","status":"completed","result":"%"}"#,
            #"{"type":"image_generation_call","result":"\/9j\/%"}"#,
            #"{"type":"tool_result","screenshot":"%"}"#,
            #"{"type":"tool_result","screenshot":["%"]}"#,
            #"{"type":"tool_result","screenshot":{"png":"%"}}"#,
            #"{"type":"tool_result","screenshot":"data:image\/png;base64,%"}"#,
            #"{"role":"user","content":[{"image_url":{"url":"data:image/png;base64,%"}}]}"#,
            #"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,%"}]}"#,
        ]
    )
    func picturesSentBack(item: String) throws {
        let item = item.split(separator: "%", omittingEmptySubsequences: false).joined(separator: Self.picture(50_000))
        let facts = try facts(#"{"input":[\#(item)]}"#)
        #expect(facts.imageCount == 1 && facts.fileCount == 0)
        #expect(facts.textByteCount < 100)
    }

    @Test("a picture under a key nobody knows counts as text where a bound is promised")
    func doubtfulPicture() throws {
        #expect(try facts(#"{"input":[{"x":"\#(Self.picture(5000))"}]}"#).doubtfulByteCount == 5000)
        #expect(try facts(#"{"input":[{"result":"\#(Self.picture(5000))"}]}"#).doubtfulByteCount == 0)
    }

    @Test(
        "text does not pass for media by its looks",
        arguments: [
            ("content", picture(5000)), ("output", picture(5000)), ("text", picture(5000)),
            ("result", String(repeating: "word ", count: 1000)), ("data", String(repeating: "word\\t ", count: 1000)),
            ("data", String(repeating: "é", count: 2500)), ("x", "iVBORw0KGgo " + picture(4988)),
            ("x", String(repeating: "wordswithoutspaces", count: 10_000)), ("x", String(repeating: "A", count: 90_000)),
            ("x", String(repeating: "ABCdefghij", count: 10_000)), ("x", picture(1000)),
            ("x", "data:text/plain," + String(repeating: "words", count: 1000)),
        ]
    )
    func textStaysText(key: String, text: String) throws {
        let facts = try facts(#"{"input":[{"\#(key)":"\#(text)"}]}"#)
        #expect(facts.textByteCount == text.utf8.count)
        #expect(facts.imageCount == 0 && facts.fileCount == 0 && facts.doubtfulByteCount == 0)
    }

    @Test("random letters are a file once they are many; a PDF and an office document are files")
    func files() throws {
        var random = SeededRandom(seed: 7)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let letters = String((0..<65_536).map { _ in alphabet[random.below(64)] })
        #expect(try facts(#"{"input":[{"x":"\#(letters)"}]}"#).fileCount == 1)
        #expect(try facts(#"{"input":[{"x":"\#(letters.dropLast())"}]}"#).textByteCount == 65_535)
        #expect(try facts(#"{"input":[{"x":"JVBERi0\#(letters.prefix(2000))"}]}"#).fileCount == 1)
        #expect(try facts(#"{"input":[{"x":"data:application/zip;base64,\#(letters)"}]}"#).fileCount == 1)
    }

    @Test("pictures and masks of a request to change one are seen")
    func imageEdits() throws {
        let inline = #"{"image_url":"data:image/png;base64,AAAA"}"#
        #expect(try facts(#"{"images":[\#(inline),\#(inline)],"mask":\#(inline)}"#).imageCount == 3)
        #expect(try facts(#"{"images":[{"file_id":"file-1"}]}"#).hasRemoteMedia)
    }

    @Test("what a thread and its run bring is text too")
    func threads() throws {
        let body =
            #"{"thread":{"messages":[{"role":"user","content":"abc"}]},"additional_instructions":"de","#
            + #""additional_messages":[{"content":"f"}],"tool_outputs":[{"output":"gh"}]}"#
        #expect(try facts(body).textByteCount == "user".count + 8)
    }

    @Test("so many kinds of tools that their fees cannot be set aside are refused")
    func tools() throws {
        func body(_ count: Int) -> String {
            #"{"tools":["# + (0..<count).map { #"{"type":"t\#($0)"},{"type":"t0"}"# }.joined(separator: ",") + "]}"
        }
        #expect(try facts(body(32)).hostedTools.count == 32)
        #expect(throws: RequestBodyDefect.tooManyTools) { try RequestBody.read(body(33).utf8Span.span) }
    }

    @Test("a million members are read, and no more; no number goes on forever")
    func bounds() throws {
        func body(_ count: Int) -> String { "{\"a\":1" + String(repeating: ",\"a\":1", count: count - 1) + "}" }
        _ = try facts(body(1_000_000))
        #expect(throws: RequestBodyDefect.tooManyMembers) { try RequestBody.read(body(1_000_001).utf8Span.span) }
        let digits = String(repeating: "1", count: 5000)
        #expect(throws: RequestBodyDefect.endlessNumber) { try RequestBody.read(#"{"a":\#(digits)}"#.utf8Span.span) }
    }

    @Test("no step reads more than a slice, and reading in steps finds the same")
    func slices() throws {
        let text = String(repeating: #"{"a":"b","n":[1,2]},"#, count: 40_000)
        let long = Self.picture(RequestBody.sliceBytes * 3)
        let body = #"{"model":"m","messages":[{}],"x":[\#(text)0],"input":[{"y":"\#(long)"},{"content":"\#(long)"}]}"#
        var reader = RequestBodyReader()
        var steps = 1
        while reader.read(body.utf8Span.span) { steps += 1 }
        #expect(steps >= body.utf8.count / RequestBody.sliceBytes)
        let facts = try #require(try reader.facts)
        #expect(facts.imageCount == 1 && facts.doubtfulByteCount == long.count && facts.textByteCount == long.count)
    }

    /// With a byte order mark too, which Python's parser skips: a body of which one byte came first once passed unread.
    @Test("a body that arrives in pieces says the same wherever they end", arguments: ["", "\u{FEFF}"])
    func pieces(mark: String) throws {
        let body =
            mark
            + #" {"model":"m\u0041","messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"text"}]}],"n":12,"#
            + #""stream":true,"stream_options":{"include_usage":false},"tools":[{"type":"mcp"}],"prompt":["a\"",1],"#
            + #""max_tokens":17,"response_format":{"a":[{}]},"input":[{"data":"QUFB","id":"x"}]} "#
        let bytes = Array(body.utf8)
        let whole = try #require(try RequestBody.read(bytes.span))
        for cut in 0...bytes.count {
            var reader = RequestBodyReader()
            _ = reader.read(bytes.span.extracting(first: cut))
            _ = reader.read(bytes.span)
            #expect(try reader.facts == whole, "cut at \(cut)")
        }
        var reader = RequestBodyReader()
        for end in 1...bytes.count { _ = reader.read(bytes.span.extracting(first: end)) }
        #expect(try reader.facts == whole)
    }

    @Test(
        "media that cannot be seen here is noted",
        arguments: [
            #"{"input":[{"content":[{"type":"input_image","image_url":"https://x/y.png"}]}]}"#,
            #"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"http://x"}}]}]}"#,
            #"{"input":[{"content":[{"type":"input_file","file_id":"file-1"}]}]}"#,
            #"{"input":[{"content":[{"type":"input_file","file_url":"https://x"}]}]}"#,
        ]
    )
    func remoteMedia(body: String) throws {
        #expect(try facts(body).hasRemoteMedia)
    }

    @Test("the tool results a chat request brings are those at its end")
    func toolMessages() throws {
        let old = #"{"role":"tool","tool_call_id":"call_old","content":"1"},{"role":"assistant","content":null}"#
        let new = #"{"tool_call_id":"call_\u0061","role":"tool"},{"role":"tool","content":"3","tool_call_id":"call_b"}"#
        #expect(try facts(#"{"messages":[\#(old),\#(new)]}"#).toolResultIDs == ["call_a", "call_b"])
        #expect(try facts(#"{"messages":[\#(new),{"role":"user","content":"x"}]}"#).toolResultIDs == [])
    }

    @Test("the call outputs among Responses items are all results")
    func callOutputs() throws {
        let items =
            #"{"type":"function_call","call_id":"c0"},{"type":"function_call_output","call_id":"c1","output":"x"},"#
            + #"{"type":"message","role":"user"},{"call_id":"c2","type":"custom_tool_call_output"}"#
        #expect(try facts(#"{"input":[\#(items)]}"#).toolResultIDs == ["c1", "c2"])
    }

    @Test("at most the last 64 results are kept, and no id of any length")
    func toolResultBound() throws {
        let items = (0..<100).map { #"{"type":"function_call_output","call_id":"c\#($0)"}"# }
        let endless = #"{"type":"function_call_output","call_id":"\#(String(repeating: "x", count: 129))"}"#
        let ids = try facts(#"{"input":[\#((items + [endless]).joined(separator: ","))]}"#).toolResultIDs
        #expect(ids == (36..<100).map { "c\($0)" })
    }

    @Test(
        "a cap is a positive number, and what only some servers take for one is none",
        arguments: [
            ("5", 5), ("null", nil), ("1e3", 1000), ("12.99", 13), ("1.25E+2", 125), ("1500e-2", 15), ("0.5", 1),
            ("9223372036854775807", 9_223_372_036_854_775_800),
            ("0", .max), ("0e99999", .max), ("-1", .max), (#""9""#, .max), ("true", .max), ("[9]", .max),
            (#"{"a":9}"#, .max), ("NaN", .max), ("99999999999999999999", .max),
            ("1e999999999999999999999", .max), ("1e-999999999999", 1),
        ] as [(String, Int64?)]
    )
    func outputCaps(value: String, cap: Int64?) throws {
        let facts = try facts(
            #"{"max_tokens":\#(value),"max_completion_tokens":\#(value),"max_output_tokens":\#(value)}"#
        )
        #expect(facts.outputCaps.maxTokens == cap)
        #expect(facts.outputCaps.maxCompletionTokens == cap)
        #expect(facts.outputCaps.maxOutputTokens == cap)
    }

    @Test(
        "of several caps the largest counts, and an open one is no cap",
        arguments: [
            ([5, 7], 7), ([5, nil], 5), ([nil, nil], nil), ([5, .max], nil), ([.max, nil], nil),
        ] as [([Int64?], Int64?)]
    )
    func largestCap(caps: [Int64?], largest: Int64?) {
        #expect(OutputCaps.largest(caps[0], caps[1]) == largest)
    }

    @Test(
        "a value that servers read in several ways is refused",
        arguments: [
            (.n, [#""50""#, "1.5", "-1", "true", "[2]", "{}", "NaN"], ["50", "1.0", "1e2", "0", "null"]),
            (.bestOf, [#""50""#, "1.5", "-1", "false", "[2]"], ["50", "1.0", "1e2", "null"]),
            (.stream, [#""true""#, "1", "0", #""""#, "[]", "{}"], ["true", "false", "null"]),
            (.background, [#""true""#, "1", "[true]"], ["true", "false", "null"]),
            (.model, ["5", "true", #"["m"]"#, "{}"], [#""m""#, "null"]),
            (.serviceTier, ["1", #"["flex"]"#, "{}", "true"], [#""flex""#, "null"]),
            (.streamOptions, [#""{}""#, "[]", "true"], ["{}", "null"]),
        ] as [(ActedOnMember, [String], [String])]
    )
    func mistyped(member: ActedOnMember, refused: [String], read: [String]) throws {
        for value in refused {
            let body = #"{"\#(member.name)":\#(value)}"#
            #expect(throws: RequestBodyDefect.mistyped(member), "\(body)") { try RequestBody.read(body.utf8Span.span) }
        }
        for value in read { _ = try facts(#"{"\#(member.name)":\#(value)}"#) }
    }

    @Test("include_usage is a truth value or nothing", arguments: [#""false""#, "0", "1", "[]", "{}"])
    func mistypedOption(value: String) {
        let body = #"{"stream_options":{"include_usage":\#(value)}}"#
        #expect(throws: RequestBodyDefect.mistyped(.includeUsage)) { try RequestBody.read(body.utf8Span.span) }
    }

    @Test("a model name is unescaped, and bounded")
    func model() throws {
        #expect(try facts(#"{"model":"gpt\u002d4\/\ud83d\ude00\n\ud800"}"#).model == "gpt-4/😀\n\u{FFFD}")
        let longest = String(repeating: "m", count: 256)
        #expect(try facts(#"{"model":"\#(longest)"}"#).model == longest)
        for longer in [longest + "m", String(repeating: "m", count: 10_000)] {
            let facts = try facts(#"{"model":"\#(longer)"}"#)
            #expect(facts.model == nil && facts.hasOversizedModel)
        }
        let none = try facts(#"{"model":null}"#)
        #expect(none.model == nil && !none.hasOversizedModel)
    }

    @Test("two members of a name we act on are refused, however they are spelled", arguments: ActedOnMember.allCases)
    func ambiguous(member: ActedOnMember) {
        let name = "\(member.name)"
        let escaped = name.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
        for twice in [#""\#(name)":null,"\#(name)":null"#, #""\#(escaped)":null,"x":[],"\#(name)":true"#] {
            let body =
                switch member {
                case .includeUsage: #"{"stream_options":{\#(twice)}}"#
                case .ttl: #"{"prompt_cache_options":{\#(twice)}}"#
                default: "{\(twice)}"
                }
            #expect(throws: RequestBodyDefect.ambiguous(member)) { try RequestBody.read(body.utf8Span.span) }
        }
    }

    @Test("members of the same name elsewhere, or of other names, may repeat")
    func harmlessRepeats() throws {
        _ = try facts(#"{"model":"m","a":{"model":1,"model":2},"user":"x","user":"y","messages":[{"a":1,"a":2}]}"#)
    }

    @Test("nesting is read 128 deep and no deeper")
    func depth() throws {
        func body(_ levels: Int) -> String {
            #"{"x":"# + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1) + "}"
        }
        _ = try facts(body(128))
        #expect(throws: RequestBodyDefect.tooDeep) { try RequestBody.read(body(129).utf8Span.span) }
        let endless = #"{"messages":"# + String(repeating: #"[{"a":"#, count: 100_000)
        #expect(throws: RequestBodyDefect.tooDeep) { try RequestBody.read(endless.utf8Span.span) }
    }

    @Test(
        "what is no JSON object is the provider's to refuse",
        arguments: [
            "", " ", "null", "[]", #""x""#, "5", "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#,
            #"{,"a":1}"#, #"{"a":1}{}"#, #"{"a":1} x"#, #"{a:1}"#, #"{'a':1}"#, #"{"a":[1,]}"#, #"{"a":[1 2]}"#,
            #"{"a":[1}"#, #"{"a":{"b":1]}"#, #"{"a":nul}"#, #"{"a":truee}"#, #"{"a":True}"#, #"{"a":-}"#, #"{"a":+1}"#,
            #"{"a":"x}"#, #"{"a":"x\"#, #"{"a":"x\"}"#, #"{"messages":[{"role":"user"]}"#, "{\u{0}}", #"{"a":.5}"#,
            #"{"a":0x5}"#,
        ]
    )
    func notJSON(body: String) throws {
        #expect(try RequestBody.read(body.utf8Span.span) == nil)
    }

    @Test(
        "what lenient parsers take is read too, so that nothing slips by unread",
        arguments: [
            "\u{FEFF}{\"model\":\"m\"}", #"{"model":"m","t":NaN,"u":-Infinity}"#, "{\"x\":\"a\nb\\x\",\"model\":\"m\"}",
            " \r\n\t{\"model\":\"m\"} \n", "{\"x\":\"\\ud800\u{1}\",\"model\":\"m\"}",
        ]
    )
    func lenient(body: String) throws {
        #expect(try facts(body).model == "m")
    }

    @Test("bytes that are no UTF-8 are passed over")
    func invalidUTF8() throws {
        let body = Array(#"{"x":""#.utf8) + [0xFF, 0xC0, 0x80] + Array(#"","model":"m"}"#.utf8)
        #expect(try #require(try RequestBody.read(body.span)).model == "m")
    }

    @Test("a string is read to its end wherever quotes and backslashes fall within a word")
    func stringEnds() throws {
        for length in 0..<40 {
            let text = String(repeating: "a", count: length)
            for tail in ["", #"\""#, #"\\"#, #"\\\""#, "\u{1}", #"é\"é"#] {
                let facts = try facts(#"{"prompt":"\#(text)\#(tail)","model":"m"}"#)
                #expect(facts.model == "m")
                #expect(facts.textByteCount == length + tail.utf8.count)
            }
        }
    }

    @Test("a body cut short anywhere is no JSON, and mutated bytes never trap")
    func mutations() throws {
        let text =
            #"{"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"text"}]}],"n":1e2,"#
            + #""stream":true,"stream_options":{"include_usage":false},"tools":[{"type":"mcp"}]}"#
        let body = Array(text.utf8)
        for end in 0..<body.count {
            let cut = Array(body[..<end])
            #expect(try RequestBody.read(cut.span) == nil)
        }
        let seed = UInt64.random(in: .min ... .max)
        print("mutations of a request body: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            var mutant = body
            for _ in 0...random.below(4) {
                mutant[random.below(mutant.count)] = random.byte()
            }
            if let facts = try? RequestBody.read(mutant.span), case .edit(let edit) = facts.usageAsk {
                let edited = edit.applied(to: mutant.span)
                #expect(try RequestBody.read(edited.span)?.usageAsk == .leave, "seed \(seed)")
            }
        }
    }
}
