import UnixSignals

/// Waits until a person or a supervisor asks the process to end.
enum InterruptionSignal {
    static func wait() async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}
