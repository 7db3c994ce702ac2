import SteelyardMetrics
import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange
@testable import SteelyardGateway

@Suite("The recorder")
struct RecorderTests {
    @Test("counts a plain request once in every family it belongs to")
    func plain() throws {
        let recording = try RecordedMetrics()
        recording.exchange(Summaries.chat())
        let kind = #"endpoint="/v1/chat/completions",model="gpt-4.1""#
        #expect(
            recording.samples("ai_") == [
                "ai_series_folded_total 0",
                #"ai_requests_total{\#(kind),status="200",team="search",provider="openai"} 1"#,
                #"ai_finish_reasons_total{\#(kind),reason="stop"} 1"#,
                #"ai_cost_usd_total{\#(kind),team="search",provider="openai"} 0.0006"#,
                #"ai_tokens_total{\#(kind),team="search",provider="openai",type="completion"} 50"#,
                #"ai_tokens_total{\#(kind),team="search",provider="openai",type="prompt"} 100"#,
                #"ai_tokens_total{\#(kind),team="search",provider="openai",type="total"} 150"#,
                #"ai_request_duration_seconds_sum{\#(kind),provider="openai",outcome="ok"} 2"#,
                #"ai_request_duration_seconds_count{\#(kind),provider="openai",outcome="ok"} 1"#,
                "ai_proxy_overhead_seconds_sum 0.00015", "ai_proxy_overhead_seconds_count 1",
                #"ai_requests_in_flight{provider="openai"} 0"#,
                #"ai_injection_refused_total{provider="openai"} 0"#,
            ]
        )
    }

    /// How a request differs from a plain one, the prefix of the families, and their samples.
    static let cases: [(String, [String], @Sendable (inout ExchangeSummary) -> Void)] = [
        (
            "ai_client_aborts",
            [#"ai_client_aborts_total{endpoint="/v1/chat/completions",team="search"} 1"#],
            {
                $0.status = 499
                $0.outcome = .aborted
            }
        ),
        (
            "ai_errors",
            [
                #"ai_errors_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="search",provider="openai",type="upstream_timeout"} 1"#
            ],
            {
                $0.status = 504
                $0.outcome = .failed
                $0.error = .upstreamTimeout
            }
        ),
        (
            "ai_client_retries", [#"ai_client_retries_total{endpoint="/v1/chat/completions",team="search"} 1"#],
            { $0.retryCount = 2 }
        ),
        (
            "ai_injection", [#"ai_injection_refused_total{provider="openai"} 1"#], { $0.injectionRefused = true }
        ),
        (
            "ai_finish",
            [
                #"ai_finish_reasons_total{endpoint="/v1/chat/completions",model="gpt-4.1",reason="length"} 1"#,
                #"ai_finish_reasons_total{endpoint="/v1/chat/completions",model="gpt-4.1",reason="other"} 1"#,
            ],
            { $0.finishReasons = ["length", "eos\n", "</s>"] }
        ),
        ("ai_request_duration", [], { $0.reachedProvider = false }),
        (
            "ai_time_to_first_token",
            [
                #"ai_time_to_first_token_seconds_sum{endpoint="/v1/chat/completions",model="gpt-4.1",provider="openai"} 0.4"#,
                #"ai_time_to_first_token_seconds_count{endpoint="/v1/chat/completions",model="gpt-4.1",provider="openai"} 1"#,
            ], { $0.timings.firstTokenNanoseconds = 400_000_000 }
        ),
        (
            "ai_upstream_ratelimit",
            [
                #"ai_upstream_ratelimit_limit{provider="openai",model="gpt-4.1",kind="requests"} 10"#,
                #"ai_upstream_ratelimit_remaining{provider="openai",model="gpt-4.1",kind="tokens"} 9"#,
            ],
            {
                $0.rateLimits = [
                    RateLimitReading(kind: .requests, limit: 10, remaining: nil),
                    RateLimitReading(kind: .tokens, limit: nil, remaining: 9),
                ]
            }
        ),
    ]

    @Test("counts what else a summary tells", arguments: cases)
    func families(prefix: String, samples: [String], change: @Sendable (inout ExchangeSummary) -> Void) throws {
        let recording = try RecordedMetrics()
        recording.exchange(Summaries.chat(change))
        #expect(recording.samples(prefix) == samples)
    }

    @Test("shows spend in its four parts: exact, estimated, unpriced, unmetered")
    func spend() throws {
        let recording = try RecordedMetrics()
        for charge in [
            Summaries.charge(.exact), Summaries.charge(.estimated) { $0.estimate = .noUsage },
            Summaries.charge(.unpriced, model: "other") { $0.cost = Picodollars(1) },
            Summaries.charge(.unpriced, model: "other") {
                $0.cost = .zero
                $0.estimate = .noUsage
            },
            Summaries.charge(.unmetered) {
                $0.cost = .zero
                $0.tokens = nil
                $0.unmetered = .timeout
            },
        ] { recording.exchange(Summaries.chat { $0.charge = charge }) }
        let kind = #"endpoint="/v1/chat/completions""#
        #expect(
            recording.samples("ai_cost") == [
                #"ai_cost_usd_total{\#(kind),model="gpt-4.1",team="search",provider="openai"} 0.0012"#,
                #"ai_cost_usd_total{\#(kind),model="other",team="search",provider="openai"} 0.000000000001"#,
                #"ai_cost_estimated_usd_total{\#(kind),model="gpt-4.1",team="search",provider="openai"} 0.0006"#,
                #"ai_cost_estimated_usd_total{\#(kind),model="other",team="search",provider="openai"} 0"#,
            ]
        )
        #expect(
            recording.samples("ai_un") == [
                #"ai_unpriced_requests_total{model="other",team="search"} 2"#,
                #"ai_unpriced_tokens_total{model="other",team="search"} 300"#,
                #"ai_unmetered_requests_total{\#(kind),team="search",reason="timeout"} 1"#,
            ]
        )
    }

    @Test("counts parts of tokens apart from the tokens")
    func details() throws {
        let recording = try RecordedMetrics()
        let usage =
            #"{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":64},"#
            + #""completion_tokens_details":{"reasoning_tokens":32}}"#
        var reader = AnswerWalk(.json)
        reader.read("{\"usage\":\(usage)}".utf8Span.span)
        let reading = try #require(reader.facts.usage)
        recording.exchange(Summaries.chat { $0.charge = Summaries.charge { $0.tokens = TokenAmounts(reading) } })
        let labels = #"endpoint="/v1/chat/completions",model="gpt-4.1",team="search",provider="openai""#
        #expect(
            recording.samples("ai_token_details") == [
                #"ai_token_details_total{\#(labels),detail="cached"} 64"#,
                #"ai_token_details_total{\#(labels),detail="reasoning"} 32"#,
            ]
        )
    }

    @Test("counts a job's charge under the request that opened it, not under the poll that showed its end")
    func polled() throws {
        let recording = try RecordedMetrics()
        recording.exchange(
            Summaries.chat {
                $0.endpoint = "/v1/responses/{id}"
                $0.modelLabel = "none"
                $0.charge = Summaries.charge(endpoint: "/v1/responses")
            }
        )
        #expect(
            recording.samples("ai_cost_usd") == [
                #"ai_cost_usd_total{endpoint="/v1/responses",model="gpt-4.1",team="search",provider="openai"} 0.0006"#
            ]
        )
        #expect(recording.samples("ai_requests_total").first?.contains("/v1/responses/{id}") == true)
    }

    @Test("charges a job nobody asked about by an estimate after a day, once")
    func expired() throws {
        let recording = try RecordedMetrics()
        let opening = Summaries.charge(endpoint: "/v1/responses").opening
        let job = OpenJob(opening: opening, work: RequestedWork(textBytes: 400, outputLimit: 100))
        #expect(recording.rules.jobs.insert(job, provider: "openai", id: "resp_1") == .waits)
        let due = opening.openedAtSeconds + Recorder.jobLifetimeSeconds
        recording.recorder.expireJobs(nowSeconds: due)
        #expect(recording.samples("ai_cost").isEmpty)
        for _ in 0..<2 { recording.recorder.expireJobs(nowSeconds: due + 1) }
        let labels = #"endpoint="/v1/responses",model="gpt-4.1",team="search",provider="openai""#
        #expect(
            recording.samples("ai_cost") == [
                "ai_cost_usd_total{\(labels)} 0.001", "ai_cost_estimated_usd_total{\(labels)} 0.001",
            ]
        )
    }

    @Test("learns from exact text and from nothing else")
    func learning() throws {
        let recording = try RecordedMetrics()
        let estimates = recording.rules.estimates
        for _ in 0..<32 { recording.exchange(Summaries.chat { $0.textSample = nil }) }
        #expect(estimates.textTokens(bytes: 200, team: "search", model: "gpt-4.1") == 50)
        for _ in 0..<32 {
            recording.exchange(Summaries.chat { $0.textSample = TextSample(requestBytes: 400, answerBytes: 4096) })
        }
        #expect(estimates.textTokens(bytes: 200, team: "search", model: "gpt-4.1") == 40)
        #expect(estimates.textTokens(bytes: 200, team: "other", model: "gpt-4.1") == 50)
    }

    @Test("counts a request that never became an exchange")
    func refused() throws {
        let recording = try RecordedMetrics()
        recording.recorder.refused(.draining, id: ChargeID(high: 0, low: 1))
        #expect(
            recording.samples("ai_requests_total") == [
                #"ai_requests_total{endpoint="other",model="none",status="503",team="none",provider="none"} 1"#
            ]
        )
        #expect(recording.samples("ai_errors_total").first?.contains(#"type="gateway_overloaded""#) == true)
        #expect(recording.samples("ai_requests_in_flight") == [#"ai_requests_in_flight{provider="openai"} 0"#])
    }

    @Test("returns to nothing in flight, whatever happened to the requests")
    func inFlight() throws {
        let recording = try RecordedMetrics()
        for _ in 0..<3 { recording.recorder.began(provider: "openai") }
        #expect(recording.samples("ai_requests_in_flight") == [#"ai_requests_in_flight{provider="openai"} 3"#])
        for outcome in ExchangeOutcome.allCases { recording.recorder.ended(Summaries.chat { $0.outcome = outcome }) }
        // A request that was refused before it went to a provider.
        recording.recorder.ended(Summaries.chat { $0.isForwarded = false })
        #expect(recording.samples("ai_requests_in_flight") == [#"ai_requests_in_flight{provider="openai"} 0"#])
    }
}

@Suite("The recorder's series")
struct RecorderSeriesTests {
    @Test("are bounded under junk, and no request, token or dollar is lost in the fold")
    func folding() throws {
        let recording = try RecordedMetrics(maximumSeries: 400)
        for number in 0..<5000 {
            recording.exchange(
                Summaries.chat {
                    $0.modelLabel = "m\(number)"
                    $0.charge = Summaries.charge(model: "m\(number)")
                    $0.toolCalls = [ToolCall(id: "c\(number)", name: "tool\(number)")]
                    $0.status = 100 + number % 500
                }
            )
        }
        var text: [UInt8] = []
        recording.metrics.registry.render(.text, into: &text)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count <= 400)
        func sum(_ family: String) -> Double {
            recording.samples(family + "{").compactMap { Double($0.split(separator: " ").last ?? "") }.reduce(0, +)
        }
        #expect(sum("ai_requests_total") == 5000)
        #expect(sum("ai_tokens_total") == 5000 * 300)
        #expect(abs(sum("ai_cost_usd_total") - 5000 * 0.0006) < 1e-9)
        #expect(sum("ai_tool_calls_total") == 5000)
        #expect(sum("ai_requests_in_flight") == 0)
    }

    @Test("exist only for what happened: a listing of models has no money, tokens or failures")
    func lazy() throws {
        let recording = try RecordedMetrics()
        recording.exchange(
            Summaries.chat {
                $0.endpoint = "/v1/models"
                $0.modelLabel = "none"
                $0.charge = nil
                $0.finishReasons = []
            }
        )
        #expect(recording.samples("ai_cost").isEmpty)
        #expect(recording.samples("ai_tokens").isEmpty)
        #expect(recording.samples("ai_request_duration_seconds_count").count == 1)
    }

    @Test("of tools are measured from the answer that asked to the request that brought the result")
    func tools() throws {
        let recording = try RecordedMetrics()
        recording.exchange(Summaries.chat { $0.toolCalls = [ToolCall(id: "call_1", name: "search")] })
        for _ in 0..<2 {
            recording.exchange(
                Summaries.chat {
                    $0.toolResultIDs = ["call_1", "call_2"]
                    $0.timings.began = Tick(nanoseconds: 3_250_000_000)
                }
            )
        }
        #expect(
            recording.samples("ai_tool") == [
                #"ai_tool_calls_total{tool="search",model="gpt-4.1",team="search"} 1"#,
                #"ai_tool_duration_seconds_sum{tool="search"} 0.25"#,
                #"ai_tool_duration_seconds_count{tool="search"} 1"#,
            ]
        )
    }

    @Test("of tools are not made where `metrics.tools` is off")
    func noTools() throws {
        let recording = try RecordedMetrics(countsTools: false)
        recording.exchange(Summaries.chat { $0.toolCalls = [ToolCall(id: "call_1", name: "search")] })
        #expect(recording.samples("ai_tool").isEmpty)
    }
}
