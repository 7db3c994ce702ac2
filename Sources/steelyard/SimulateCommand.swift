import ArgumentParser
import Glibc
import NIOCore
import NIOPosix
import SteelyardSimulator

/// `steelyard simulate`.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run an OpenAI-shaped provider that needs no key and no internet.",
        discussion: """
            A request can steer its answer with the header x-simulate: directives such as delay-ms=200, separated by commas.

            \(Simulator.directiveHelp)
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 picks any free port and prints it.")
    var port = 8090

    @Option(help: "Directives for every request, as in the header x-simulate.")
    var directives = ""

    @Option(help: "Append everything received and sent to this file, one JSON object per line.")
    var witness: String?

    @Option(help: "The number of event loops.")
    var threads = 1

    func run() async throws {
        var configuration = SimulatorConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.directives = directives
        configuration.witnessFile = witness
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let simulator = try await start(configuration, on: group)
        // `print` would keep the line in its buffer when a script reads it from a pipe.
        StandardOutput.write("simulating a provider at http://\(host):\(simulator.port)/v1\n")
        await InterruptionSignal.wait()
        await simulator.shutdown()
        try await group.shutdownGracefully()
    }

    private func start(_ configuration: SimulatorConfiguration, on group: any EventLoopGroup) async throws -> Simulator
    {
        do {
            return try await Simulator.start(configuration, group: group)
        } catch let error as SimulatorError {
            StandardError.write("steelyard: \(error)\n")
            throw ExitCode(error.exitStatus)
        }
    }
}

extension SimulatorError {
    /// The exit status from `sysexits.h`.
    fileprivate var exitStatus: Int32 {
        switch self {
        case .invalidDirective: EX_USAGE
        case .cannotListen: EX_UNAVAILABLE
        case .unwritableWitness: EX_CANTCREAT
        }
    }
}
