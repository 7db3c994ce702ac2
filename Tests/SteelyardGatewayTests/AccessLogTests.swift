import SteelyardPolicy
import SteelyardTelemetry
import Testing

@testable import SteelyardExchange
@testable import SteelyardGateway

@Suite("The access log")
struct AccessLogTests {
    private static func line(_ format: LogLineFormat, _ summary: ExchangeSummary) -> String {
        let log = AccessLog(writer: LogWriter(format: format), format: format)
        return String(decoding: log.line(summary, atMilliseconds: 0), as: UTF8.self)
    }

    @Test("has one JSON line for an exchange: who, what, how long, how much")
    func json() {
        #expect(
            Self.line(.json, Summaries.chat())
                == #"{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"request","request_id":"req_00000000000000000000000000000007","#
                + #""team":"search","method":"POST","endpoint":"/v1/chat/completions","provider":"openai","#
                + #""model":"gpt-4.1","model_asked":"gpt-4.1","model_answered":"gpt-4.1-2025-04-14","status":200,"#
                + #""outcome":"ok","stream":false,"duration_us":2000000,"overhead_us":150,"request_bytes":500,"#
                + #""answer_bytes":900,"prompt_tokens":100,"completion_tokens":50,"cached_tokens":0,"#
                + #""cost_usd":0.0006,"confidence":"exact"}"# + "\n"
        )
    }

    @Test("has the same as text, for people")
    func text() {
        let summary = Summaries.chat {
            $0.charge = nil
            $0.status = 504
            $0.outcome = .failed
            $0.error = .upstreamTimeout
            $0.errorDetail = "no answer"
            $0.retryCount = 1
        }
        #expect(
            Self.line(.text, summary)
                == #"1970-01-01T00:00:00.000Z info request request_id="req_00000000000000000000000000000007" team="search" method="POST" "#
                + #"endpoint="/v1/chat/completions" provider="openai" model="gpt-4.1" model_asked="gpt-4.1" "#
                + #"model_answered="gpt-4.1-2025-04-14" status=504 outcome="failed" error="upstream_timeout" "#
                + #"error_detail="no answer" stream=false duration_us=2000000 overhead_us=150 request_bytes=500 "#
                + #"answer_bytes=900 retry=1"# + "\n"
        )
    }

    @Test("says how a price came about, and whose charge it is")
    func notes() {
        let line = Self.line(
            .json,
            Summaries.chat {
                $0.id = ChargeID(high: 0, low: 9)
                $0.serviceTier = "warp"
                $0.charge = Summaries.charge(.estimated) {
                    $0.estimate = .noUsage
                    $0.notes = [.tierUnknown, .countsInconsistent]
                }
            }
        )
        #expect(line.contains(#""service_tier":"warp","charged_request_id":"req_00000000000000000000000000000007""#))
        #expect(line.hasSuffix(#""estimated":true,"price_notes":"tier_unknown,counts_inconsistent"}"# + "\n"))
    }

    @Test("has a line for a request that never became an exchange, under the id of its answer")
    func refused() {
        let log = AccessLog(writer: LogWriter(), format: .json)
        let kind = ExchangeKind(endpoint: "other", model: "none", team: "search", provider: "none")
        let line = log.line(.draining, id: ChargeID(high: 0, low: 8), kind, atMilliseconds: 0)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"request","#
                + #""request_id":"req_00000000000000000000000000000008","team":"search","endpoint":"other","#
                + #""provider":"none","model":"none","status":503,"outcome":"failed","error":"gateway_overloaded","#
                + #""error_detail":"overloaded"}"# + "\n"
        )
    }

    @Test("stays one line whatever a peer names its model")
    func injection() {
        let line = Self.line(
            .json,
            Summaries.chat {
                $0.modelAsked = "x\",\"cost_usd\":0}\n{\"message\":\"forged"
                $0.modelAnswered = "\u{1B}[2J"
                $0.serviceTier = "\u{2028}"
            }
        )
        #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
        #expect(line.contains(#""model_asked":"x\",\"cost_usd\":0}\u000a{\"message\":\"forged""#))
        #expect(line.contains(#""model_answered":"\u001b[2J""#))
        #expect(line.contains(#""service_tier":"\u2028""#))
    }
}
