import SteelyardPolicy
import Testing

@testable import SteelyardExchange

/// Checks the order of an exchange's effects, event by event; every test that drives an exchange does so.
struct EffectOrder {
    private var openings = 0
    private var isClosed = false
    private var isConcluded = false
    private var isTransferring = false

    /// Checks the effects of one event.
    mutating func check(_ effects: borrowing ExchangeEffects, _ story: @autoclosure () -> String = "") {
        let problems = problems(in: effects.steps, outputIsEmpty: effects.output.isEmpty)
        guard !problems.isEmpty else { return }
        Issue.record("\(problems) in \(effects.steps.map(\.name)); \(story())")
    }

    private mutating func problems(in steps: [ExchangeEffect], outputIsEmpty: Bool) -> [String] {
        var problems: [String] = []
        if steps.count(where: \.isOutput) > 1 { problems.append("two outputs") }
        if steps.contains(where: \.isOutput), outputIsEmpty { problems.append("an empty output") }
        var hasSent = false
        for (index, step) in steps.enumerated() {
            if isConcluded, !step.goesToClient { problems.append("\(step.name) after the end") }
            if hasSent, step.isRecord { problems.append("recorded after bytes went to the client") }
            if step.goesToClient { hasSent = true }
            problems += note(step, isLast: index == steps.count - 1)
        }
        return problems
    }

    private mutating func note(_ step: ExchangeEffect, isLast: Bool) -> [String] {
        switch step {
        case .record(let record, _): return note(record, isLast: isLast)
        case .start:
            defer { isTransferring = true }
            return isTransferring ? ["started twice"] : []
        case .relayPiece, .relayEnd, .drain: return isTransferring ? [] : ["no transfer"]
        case .stop:
            defer { isTransferring = false }
            return isTransferring ? [] : ["stopped nothing"]
        case .conclude:
            defer { isConcluded = true }
            return isConcluded ? ["concluded twice"] : []
        case .gather, .keepPiece, .open, .send, .sendOutput, .finish, .breakOff, .refuse: return []
        }
    }

    private mutating func note(_ record: ChargeRecord, isLast: Bool) -> [String] {
        switch record {
        case .opened:
            openings += 1
            return (isLast ? [] : ["went on before the opening was on record"]) + (openings > 1 ? ["opened twice"] : [])
        case .grown, .deferred, .settled, .released: return []
        }
    }

    /// The transfer has ended by itself; another may be started.
    mutating func transferEnds() { isTransferring = false }
}

extension ExchangeEffect {
    /// Its name without what it carries.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    fileprivate var isOutput: Bool { if case .sendOutput = self { true } else { false } }

    fileprivate var isRecord: Bool { if case .record = self { true } else { false } }

    /// Whether it lets bytes go to the client.
    var goesToClient: Bool {
        switch self {
        case .open, .send, .sendOutput, .finish, .breakOff, .refuse: true
        default: false
        }
    }
}
