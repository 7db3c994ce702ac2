import Foundation
import SteelyardPolicy

/// Computes where budget windows start and end, from the calendar and an IANA time zone. Only this file uses
/// Foundation's calendar, which knows the history of the zones. Policy gets instants.
enum CivilCalendar {
    /// The same as ``WindowCalendar``.
    static func bounds(_ period: BudgetPeriod, startsOn: Int, zone: String, seconds: Int64) -> WindowBounds {
        let window = window(period, startsOn: startsOn, zone: zone, holding: seconds)
        return WindowBounds(startSeconds: window.lowerBound, endSeconds: window.upperBound)
    }

    /// The window that contains an instant.
    ///
    /// - Parameters:
    ///   - startsOn: Day of the month (the last day where a month is shorter) or of the week (1 is Monday).
    ///   - zone: An IANA name. A name that this system does not know counts as UTC; `steelyard check` refuses it.
    ///   - seconds: The instant, since 1970.
    /// - Returns: Its first second, and the first second of the next.
    static func window(_ period: BudgetPeriod, startsOn: Int, zone: String, holding seconds: Int64) -> Range<Int64> {
        // Hours are UTC hours: local hours may be cut in half where clocks change by half an hour
        // (Australia/Lord_Howe).
        if period == .hour {
            let start = seconds - (seconds % 3600 + 3600) % 3600
            return start..<(start + 3600)
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        let civil = CivilDays(calendar: calendar, period: period, startsOn: startsOn)
        return civil.window(holding: Date(timeIntervalSince1970: Double(seconds)))
    }
}

/// The days on which windows of one kind start.
private struct CivilDays {
    let calendar: Calendar
    let period: BudgetPeriod
    let startsOn: Int

    func window(holding instant: Date) -> Range<Int64> {
        var start = beginning(after: 0, periodsFrom: instant)
        var steps = 0
        if start > instant {
            steps = -1
            start = beginning(after: steps, periodsFrom: instant)
        }
        let end = beginning(after: steps + 1, periodsFrom: instant)
        return Int64(start.timeIntervalSince1970)..<Int64(end.timeIntervalSince1970)
    }

    /// The first instant of the window that starts in the period of `instant`, or that many periods later.
    private func beginning(after periods: Int, periodsFrom instant: Date) -> Date {
        let day =
            switch period {
            case .hour, .day: added(periods, .day, to: noon(of: instant))
            case .week: added(periods * 7 - daysSinceWeekBegan(instant), .day, to: noon(of: instant))
            case .month: dayOfMonth(in: added(periods, .month, to: firstNoon(of: [.year, .month], instant)))
            case .year: dayOfMonth(in: added(periods, .year, to: firstNoon(of: [.year], instant)))
            }
        // Where midnight does not exist, this is the first instant after it.
        return calendar.startOfDay(for: day)
    }

    private func daysSinceWeekBegan(_ instant: Date) -> Int {
        // Foundation counts from Sunday, which is 1.
        let isoWeekday = (calendar.component(.weekday, from: instant) + 5) % 7 + 1
        return (isoWeekday - startsOn + 7) % 7
    }

    /// The configured day, or the month's last, at noon.
    private func dayOfMonth(in month: Date) -> Date {
        let lastDay = calendar.range(of: .day, in: .month, for: month)?.count ?? 28
        return added(min(startsOn, lastDay) - 1, .day, to: month)
    }

    /// Days are counted from noon to noon: no zone changes its clocks at noon, and none has skipped a noon without its
    /// whole day.
    private func noon(of instant: Date) -> Date { firstNoon(of: [.year, .month, .day], instant) }

    private func firstNoon(of components: Set<Calendar.Component>, _ instant: Date) -> Date {
        var parts = calendar.dateComponents(components, from: instant)
        parts.hour = 12
        // The Gregorian calendar has a date for each set of its own components.
        return calendar.date(from: parts) ?? instant
    }

    /// Counts in dates. Foundation's own addition counts the days that passed, and in Apia one date never happened.
    private func added(_ count: Int, _ unit: Calendar.Component, to date: Date) -> Date {
        var parts = calendar.dateComponents([.year, .month, .day, .hour], from: date)
        parts.setValue((parts.value(for: unit) ?? 0) + count, for: unit)
        return calendar.date(from: parts) ?? date
    }
}
