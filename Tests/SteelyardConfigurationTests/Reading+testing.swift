import SteelyardConfiguration
import SteelyardPolicy

/// A machine with some variables and files.
struct Machine {
    var variables: [String: String] = [:]
    var files: [String: String] = [:]

    var surroundings: Surroundings {
        Surroundings(
            variable: { [variables] in variables[$0] },
            readFile: { [files] path in files[path].map { .bytes(Array($0.utf8)) } ?? .missing }
        )
    }
}

/// Reads `text` as proxy.yaml.
func read(_ text: String, on machine: Machine = Machine(), file: String = "proxy.yaml") -> Reading {
    Configuration.read(Array(text.utf8), file: file, surroundings: machine.surroundings)
}

/// The smallest valid file.
let openAI = "providers: { openai: { base_url: https://api.openai.com/v1 } }\n"

extension Reading {
    /// The problems as an operator sees them.
    var rendered: String { problems.rendered }
}
