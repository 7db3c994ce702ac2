import Testing

@testable import SteelyardConfiguration

@Suite("Misspelt keys")
struct MisspeltKeyTests {
    @Test("every key, misspelt in every small way, is refused on its line with the key that was meant", arguments: keys)
    func misspelt(key: Key) {
        for slip in Self.slips(of: key.name) {
            var lines = Self.lines
            lines[key.line - 1].replaceSubrange(key.range, with: slip.utf8)
            let text = String(decoding: Array(lines.joined(separator: [0x0a])), as: UTF8.self)
            // The key that is missing because of the misspelling may be reported on the same line.
            let problem = read(text, on: Self.machine).problems.first {
                $0.line == key.line && $0.severity == .error && $0.message == "is not a known key"
            }
            #expect(problem?.key.hasSuffix(slip) == true, "\(slip)")
            #expect(problem?.remedy == "did you mean \(key.name)?", "\(slip)")
        }
    }

    /// One key of the whole current schema, and where it is written.
    struct Key: Sendable, CustomTestStringConvertible {
        let name: String
        let line: Int
        let range: Range<Int>

        var testDescription: String { "\(name) on line \(line)" }
    }

    /// Every key on its own line.
    private static let text = """
        server:
          listen: 127.0.0.1:8080
          tls:
            certificate: ca.pem
            private_key: key.pem
            client_ca: ca.pem
          limits:
            connections: 1
            header_bytes: 1KiB
            body_bytes: 1KiB
            gather_bytes: 1KiB
          timeouts:
            header: 1s
            body: 1s
            idle: 1s
            write_stall: 1s
            drain: 1s
        admin:
          listen: 127.0.0.1:8081
          token: env:TOKEN
        providers:
          p:
            dialect: openai
            base_url: https://api.openai.com
            mount: /v1
            inject_usage: auto
            on_client_gone:
              streamed: cancel
              plain: drain
            timeouts:
              connect: 1s
              first_byte: 1s
              between_bytes: 1s
            ca_file: ca.pem
            outbound_proxy: http://proxy:1
            allow_link_local: false
            api_key: none
        organization:
          budgets:
            - limit_usd: 1000
              every: week
        teams:
          t:
            keys:
              - id: k7QwR2xT
                sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
                expires: 2027-01-01
                budgets:
                  - limit_usd: 1
                    every: month
            provider_keys:
              - sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            budgets:
              - limit_usd: 20
                every: month
                starts_on: 15
                time_zone: UTC
                warn_at: [0.5]
                when_spent: block
                models: [gpt-4.1*]
            reserve: learned
            outgrown_hold: finish
            limits:
              requests_per_minute: 1
              tokens_per_minute: 1
              concurrent_requests: 1
            models:
              allow: [gpt-4*]
              deny: [gpt-4o*]
            unmetered: refuse
            unpriced: refuse
        default_team: a
        ledger:
          file: l
          keep: 400d
          durability: process
          on_failure: allow
        prices:
          file: prices.yaml
          unpriced: allow
        metrics:
          max_series: 1000
          tools: true
        logging:
          level: info
          format: json
          access: true
        """

    private static let machine = Machine(
        variables: ["TOKEN": "t"],
        files: [
            "ca.pem": "-----BEGIN CERTIFICATE-----", "key.pem": "-----BEGIN PRIVATE KEY-----",
            "prices.yaml": "models: {}",
        ]
    )

    private static var lines: [[UInt8]] { text.utf8.split(separator: 0x0a).map(Array.init) }

    static let keys: [Key] = lines.enumerated().compactMap { index, line in
        guard let colon = line.firstIndex(of: 0x3a),
            let start = line.firstIndex(where: { $0 != 0x20 && $0 != 0x2d })
        else { return nil }
        let name = String(decoding: line[start..<colon], as: UTF8.self)
        // Operators choose the names of providers and teams; a list item may contain a colon.
        let isKey = !["p", "t"].contains(name) && line[colon...].dropFirst().first.map { $0 == 0x20 } ?? true
        return isKey ? Key(name: name, line: index + 1, range: start..<colon) : nil
    }

    /// One letter missing, doubled, swapped or wrong, and other naming conventions.
    private static func slips(of name: String) -> Set<String> {
        let letters = Array(name)
        var slips: Set<String> = [name.uppercased(), name.replacing("_", with: "-"), name.replacing("_", with: "")]
        for index in letters.indices {
            var missing = letters, doubled = letters, swapped = letters, wrong = letters
            missing.remove(at: index)
            doubled.insert(letters[index], at: index)
            if index > 0 { swapped.swapAt(index, index - 1) }
            wrong[index] = "q"
            slips.formUnion([missing, doubled, swapped, wrong].map { String($0) })
        }
        return slips.subtracting([name])
    }

    @Test("the file that is misspelt here is right as it stands")
    func rightAsItStands() {
        #expect(read(Self.text, on: Self.machine).rendered == "")
        #expect(Self.keys.count == 84)
    }
}
