import Testing

@testable import SteelyardConfiguration

@Suite("Sizes, durations, numbers")
struct QuantityTests {
    @Test(
        "a size is bytes, or a number with a binary unit",
        arguments: [
            ("0", 0), ("1", 1), ("4096", 4096), ("32KiB", 32_768), ("64MiB", 67_108_864), ("1GiB", 1_073_741_824),
        ]
    )
    func sizes(text: String, bytes: Int) throws {
        #expect(try Quantity(text, .bytes, in: 0...Int.max, usual: 1).amount == bytes)
    }

    @Test(
        "a duration is a number with a unit",
        arguments: [
            ("0ms", 0), ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("1h", 3_600_000),
            ("400d", 34_560_000_000),
        ]
    )
    func durations(text: String, milliseconds: Int) throws {
        #expect(try Quantity(text, .milliseconds, in: 0...Int.max, usual: 1).amount == milliseconds)
    }

    @Test(
        "what is no size or duration is refused with what was probably meant",
        arguments: [
            ("10", "10s"), ("10 s", "10s"), ("10S", "10s"), ("10sec", "10s"), ("5 minutes", "5m"), ("2 hrs", "2h"),
            ("1h30m", "90m"), ("1m30s", "90s"), ("1.5s", "1500ms"), ("0.25h", "15m"), ("1_000ms", "1s"),
            ("007s", "7s"), ("", "1m"), ("s", "1m"), ("ten", "1m"), ("-5s", "1m"), ("1.5.5s", "1m"), ("٣s", "1m"),
            ("9999999999999999999d9d", "1m"), ("10y", "1m"), ("1e3s", "1m"), (".5s", "1m"),
        ]
    )
    func suggestedDuration(text: String, suggestion: String) {
        #expect(
            remedy { () throws(Complaint) in _ = try Quantity(text, .milliseconds, in: 0...Int.max, usual: 60_000) }
                == suggestion
        )
    }

    @Test(
        "sizes in other units are refused with the binary one",
        arguments: [
            ("32KB", "32KiB"), ("32k", "32KiB"), ("32 kib", "32KiB"), ("64MB", "64MiB"), ("1gb", "1GiB"),
            ("100b", "100"), ("100 bytes", "100"), ("1.5GiB", "1536MiB"), ("2048KB", "2MiB"), ("1TB", "7"), ("", "7"),
        ]
    )
    func suggestedSize(text: String, suggestion: String) {
        #expect(
            remedy { () throws(Complaint) in _ = try Quantity(text, .bytes, in: 0...Int.max, usual: 7) } == suggestion
        )
    }

    @Test(
        "numbers that YAML readers disagree on are no numbers",
        arguments: ["010", "1_000", "1,000", "0x10", "0o10", "1e3", "1.0", "+5", "-5", ".inf", ".nan", "", " 5", "５"]
    )
    func notNumbers(text: String) {
        #expect(WholeNumber(text[...]) == nil)
    }

    @Test("a number that fits into no integer is reported as out of range")
    func hugeNumbers() {
        let huge = String(repeating: "9", count: 400)
        #expect(remedy { () throws(Complaint) in _ = try WholeNumber(huge, in: 1...5, usual: 2) } == "5")
        #expect(
            remedy { () throws(Complaint) in _ = try Quantity(huge + "d", .milliseconds, in: 1...5, usual: 2) } == "5ms"
        )
    }

    private func remedy(_ body: () throws(Complaint) -> Void) -> String? {
        do throws(Complaint) {
            try body()
            return nil
        } catch {
            guard case .write(let value) = error.remedy else { return nil }
            return value
        }
    }
}
