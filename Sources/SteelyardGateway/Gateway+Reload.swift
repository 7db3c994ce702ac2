import Logging
import ServiceLifecycle
import SteelyardConfiguration
import SteelyardPolicy
import SteelyardServer
import SteelyardUpstream
import UnixSignals

/// What became of a reload.
struct ReloadReport: Sendable {
    /// Whether the new configuration is in force.
    let isDone: Bool
    /// What was wrong with it, or worth knowing.
    let problems: [Problem]

    /// For whoever asked over HTTP.
    var answer: AdminAnswer {
        let text = (isDone ? "reloaded\n" : "kept the old configuration\n") + problems.rendered
        return .text(isDone ? 200 : 422, text)
    }
}

extension Gateway {
    /// Reads the configuration anew; a bad one changes nothing and says why.
    func reload() -> ReloadReport {
        let reading = source.read().succeeding(configuration)
        guard let new = reading.configuration else { return kept(reading.problems) }
        do {
            let rules = try Rules(new, learned: parts.learned)
            let providers = parts.upstream.replaceProviders(new.providers)
            parts.recorder.replaceRules(ActiveRules(rules: rules, providers: providers))
        } catch {
            return kept([
                Problem(file: source.path, line: nil, key: "prices", message: "\(error)", remedy: "correct it")
            ])
        }
        parts.logger.notice("reloaded", metadata: ["file": "\(source.path)"])
        return ReloadReport(isDone: true, problems: reading.problems)
    }

    private func kept(_ problems: [Problem]) -> ReloadReport {
        for problem in problems { parts.logger.error("not reloaded", metadata: ["problem": "\(problem)"]) }
        return ReloadReport(isDone: false, problems: problems)
    }

    /// SIGHUP reloads, as with every daemon.
    func reloadOnHangup() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = reload() }
    }
}
