import ArgumentParser
import SteelyardGateway

/// Runs a part of a command that starts a gateway: one that cannot start ends the command with a sentence and the
/// status that `sysexits.h` has for it.
func exitingOnGatewayError<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as GatewayError {
        StandardError.write("steelyard: \(error)\n")
        throw ExitCode(error.exitStatus)
    }
}
