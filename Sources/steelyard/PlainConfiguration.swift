import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardGateway

/// proxy.yaml, read only for teams, prices or the ledger, by a person at a shell without the secrets of the service:
/// anyone can create a key, on any machine.
struct PlainConfiguration {
    /// The configuration.
    let configuration: Configuration
    /// The same, with the lines of teams and keys in the file.
    let reading: Reading

    /// Reads the file. If it has an error, prints it and exits with EX_CONFIG. Warnings are left to `steelyard check`.
    init(path: String) throws {
        reading = ConfigurationSource(path: path).readWithoutSecrets()
        guard let configuration = reading.configuration else {
            StandardError.write(reading.problems.filter { $0.severity == .error }.rendered)
            throw ExitCode(EX_CONFIG)
        }
        self.configuration = configuration
    }
}
