import Logging
import ServiceLifecycle
import SteelyardClock
import SteelyardConfiguration
import SteelyardLedger
import SteelyardPolicy
import SteelyardServer
import SteelyardTelemetry
import UnixSignals

/// The result of a reload.
struct ReloadReport: Sendable {
    /// Whether the new configuration is active.
    let isDone: Bool
    /// Its problems and warnings.
    let problems: [Problem]

    /// The answer over HTTP.
    var answer: AdminAnswer {
        let text = (isDone ? "reloaded\n" : "kept the old configuration\n") + problems.rendered
        return .text(isDone ? 200 : 422, text)
    }
}

extension Gateway {
    /// Reads the configuration again. If it has an error, nothing changes, and the report says why.
    func reload() -> ReloadReport {
        let report = parts.reloads.run(nowSeconds: { WallClock.seconds() }, takeOver)
        for problem in report.problems {
            let isError = problem.severity == .error
            parts.logger.log(
                level: isError ? .error : .warning,
                isError ? "did not reload" : "reloaded with a warning",
                metadata: ["problem": "\(problem.place): \(problem.message)", "remedy": "\(problem.remedy)"]
            )
        }
        if report.isDone { parts.logger.notice("reloaded", metadata: ["file": "\(source.path)"]) }
        return report
    }

    private func takeOver() -> ReloadReport {
        let reading = source.read().succeeding(configuration)
        guard let new = reading.configuration else { return ReloadReport(isDone: false, problems: reading.problems) }
        do throws(GatewayError) {
            // Everything that can fail comes first, so that a reload that fails has changed nothing.
            let active = try ActiveRules(new, learned: parts.learned, after: parts.recorder.active)
            let certificates = try parts.renewedCertificates()
            let admission = AdmissionRules(new, knownBy: active.rules.prices)
            try parts.learned.install(admission, parts.records, loops: parts.group)
            parts.take(active, certificates)
            return ReloadReport(isDone: true, problems: reading.problems)
        } catch {
            let problem = Problem(
                file: source.path,
                line: nil,
                key: error.configurationKey,
                message: "\(error)",
                remedy: "fix this problem and reload again"
            )
            return ReloadReport(isDone: false, problems: [problem])
        }
    }

    /// SIGHUP reloads, as in other daemons.
    func reloadOnHangup() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = reload() }
    }
}

extension GatewayError {
    /// The section that caused the error.
    fileprivate var configurationKey: String {
        switch self {
        case .badPrices: "prices"
        case .badCertificates: "server.tls"
        case .badAuthorities: "providers"
        case .noLedger: "ledger"
        default: ""
        }
    }
}

extension Problem {
    /// File, line and key, as compilers write them.
    fileprivate var place: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? place : "\(place): \(key)"
    }
}
