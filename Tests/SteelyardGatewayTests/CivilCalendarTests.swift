import Foundation
import SteelyardPolicy
import Testing

@testable import SteelyardGateway

@Suite("Windows of budgets follow the calendar of their zone")
struct CivilCalendarTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let (period, startsOn, zone): (BudgetPeriod, Int, String)
        let (now, start, end): (String, String, String)

        init(_ period: BudgetPeriod, _ startsOn: Int, _ zone: String, _ now: String, _ start: String, _ end: String) {
            (self.period, self.startsOn, self.zone) = (period, startsOn, zone)
            (self.now, self.start, self.end) = (now, start, end)
        }

        var testDescription: String { "\(period) from \(startsOn) in \(zone) at \(now)" }
    }

    /// Made with Python's `zoneinfo` and `datetime`, which share no code with Foundation. In order: a month end, short
    /// months, the leap day, both clock changes, a zone of +5:45, midnights that do not exist (São Paulo, Cairo,
    /// Beirut), a day that does not exist (Apia, 2011-12-30), a clock change of half an hour, year ends.
    static let rows: [Row] = [
        Row(.month, 1, "Europe/Paris", "2026-11-21T12:00:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
        Row(.month, 31, "UTC", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
        Row(.month, 31, "UTC", "2026-02-27T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
        Row(.month, 29, "UTC", "2028-02-29T05:00:00Z", "2028-02-29T00:00:00Z", "2028-03-29T00:00:00Z"),
        Row(.month, 30, "UTC", "2027-02-28T05:00:00Z", "2027-02-28T00:00:00Z", "2027-03-30T00:00:00Z"),
        Row(.day, 1, "America/New_York", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        Row(.day, 1, "America/New_York", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        Row(.day, 1, "Asia/Kathmandu", "2026-05-05T18:14:59Z", "2026-05-04T18:15:00Z", "2026-05-05T18:15:00Z"),
        Row(.day, 1, "Asia/Kathmandu", "2026-05-05T18:15:00Z", "2026-05-05T18:15:00Z", "2026-05-06T18:15:00Z"),
        Row(.day, 1, "America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
        Row(.day, 1, "America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z"),
        Row(.day, 1, "Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
        Row(.day, 1, "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
        Row(.day, 1, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
        Row(.week, 1, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"),
        Row(.week, 7, "Australia/Lord_Howe", "2026-04-05T12:00:00Z", "2026-04-04T13:00:00Z", "2026-04-11T13:30:00Z"),
        Row(.year, 1, "Asia/Tokyo", "2026-12-31T14:59:59Z", "2025-12-31T15:00:00Z", "2026-12-31T15:00:00Z"),
        Row(.year, 1, "Asia/Tokyo", "2026-12-31T15:00:00Z", "2026-12-31T15:00:00Z", "2027-12-31T15:00:00Z"),
        Row(.month, 1, "America/Sao_Paulo", "2026-12-01T02:59:59Z", "2026-11-01T03:00:00Z", "2026-12-01T03:00:00Z"),
        Row(.month, 15, "Asia/Beirut", "2026-03-29T00:00:00Z", "2026-03-14T22:00:00Z", "2026-04-14T21:00:00Z"),
        Row(.day, 1, "Asia/Beirut", "2026-03-29T10:00:00Z", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
    ]

    @Test("A window begins and ends at the first instants of its days", arguments: rows)
    func window(row: Row) throws {
        let window = CivilCalendar.window(
            row.period,
            startsOn: row.startsOn,
            zone: row.zone,
            holding: try Self.seconds(row.now)
        )
        #expect(window == (try Self.seconds(row.start))..<(try Self.seconds(row.end)))
    }

    @Test("Hours are those of UTC", arguments: [0, 1, 3_599, 3_600, 1_795_219_201, -1] as [Int64])
    func hours(second: Int64) {
        let window = CivilCalendar.window(.hour, startsOn: 1, zone: "Asia/Kathmandu", holding: second)
        #expect(window.contains(second))
        #expect(window.lowerBound % 3600 == 0 && window.count == 3600)
    }

    @Test("Windows follow one another without gap or overlap", arguments: ["Africa/Cairo", "Pacific/Apia", "UTC"])
    func chain(zone: String) throws {
        for period in [BudgetPeriod.day, .week, .month, .year] {
            var window = CivilCalendar.window(
                period,
                startsOn: 3,
                zone: zone,
                holding: try Self.seconds("2011-01-01T00:00:00Z")
            )
            for _ in 0..<400 {
                let next = CivilCalendar.window(period, startsOn: 3, zone: zone, holding: window.upperBound)
                #expect(next.lowerBound == window.upperBound)
                #expect(CivilCalendar.window(period, startsOn: 3, zone: zone, holding: next.upperBound - 1) == next)
                window = next
            }
        }
    }

    static func seconds(_ text: String) throws -> Int64 {
        Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
    }
}
