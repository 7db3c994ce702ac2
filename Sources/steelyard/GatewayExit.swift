import ArgumentParser
import SteelyardGateway

/// Runs a part of a command that starts a gateway. If the gateway cannot start, the command ends with a message and the
/// exit status from `sysexits.h`.
func exitingOnGatewayError<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as GatewayError {
        StandardError.write("steelyard: \(error)\n")
        throw ExitCode(error.exitStatus)
    }
}
