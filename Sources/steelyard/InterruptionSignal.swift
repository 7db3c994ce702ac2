import UnixSignals

/// Waits for the person or the supervisor to ask for the end.
enum InterruptionSignal {
    static func wait() async {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
    }
}
