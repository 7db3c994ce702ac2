import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardGateway

/// proxy.yaml, read for what it says of teams, prices or the ledger, by a person at a shell who has none of the service's
/// secrets: a key can be made on any machine.
struct PlainConfiguration {
    /// What it says.
    let configuration: Configuration
    /// The same with the places of teams and keys in the file.
    let reading: Reading

    /// Reads the file; prints its errors and exits with EX_CONFIG when there is one. What it warns of is for
    /// `steelyard check`.
    init(path: String) throws {
        reading = ConfigurationSource(path: path).readWithoutSecrets()
        guard let configuration = reading.configuration else {
            StandardError.write(reading.problems.filter { $0.severity == .error }.rendered)
            throw ExitCode(EX_CONFIG)
        }
        self.configuration = configuration
    }
}
