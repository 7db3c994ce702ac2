/// Takes out of a streamed answer exactly those bytes that asking for usage added to it, as the pieces arrive.
///
/// With `include_usage`, OpenAI sends one more chunk (`choices: []` and the usage) and puts `"usage":null` into every
/// other one. A client that did not ask may index `choices[0]` and fail. So the editor drops the extra chunk with its
/// lines, and takes out the null members with their comma. A usage beside content, which the provider sends unasked,
/// passes. An event waits only while it may be the extra chunk: until `choices` turns out not to be empty, a member
/// appears that the extra chunk never has, or 64 KiB are reached. After that, only the few bytes wait that may
/// begin `,"usage":null`. Comments never wait.
///
/// An object may be spread over several `data` lines of one event. Anything surprising (invalid JSON, an `error`, a
/// member twice) passes as it is. But if it appears only after a null member of the same event was taken out, that
/// member stays out.
public struct StreamEditor: Sendable {
    /// Whether the last piece left exactly as it came, and nothing waits. Then the output equals the piece, and the
    /// piece's own buffer can be passed on.
    public private(set) var isPristine = true

    /// The bytes that wait, starting with the first one.
    private var held: [UInt8] = []
    private var scan = EventScan()

    /// The capacity kept for the next bytes that wait: the buffer of a rare large event must not stay with the stream.
    private static let keptCapacity = 4096

    /// Decides whether the answer is a stream at all; nil once that is known.
    private var finder: FormFinder?
    /// Whether the answer is not a stream, so that all of it passes.
    public private(set) var passesAll = false

    /// Makes an editor for an event stream. Use it only for 2xx answers without content coding, or decoded, and only if
    /// the request was edited.
    public init() {}

    /// Makes an editor for an answer with this label; the answer's first bytes may correct the label.
    public init(labelled label: AnswerForm) { finder = FormFinder(label: label) }

    /// Takes the next piece and appends what may leave to `output`. Often nothing waits; sometimes nothing leaves.
    public mutating func edit(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        if finder == nil { editOn(piece, into: &output) } else { find(piece, into: &output) }
    }

    /// Skipped bytes leave at once; the beginning of a field name waits.
    private mutating func find(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        guard let start = finder?.read(piece) else { return }
        piece.extracting(first: start).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        isPristine = finder?.opening.isEmpty == true && start == piece.count
        guard let form = finder?.form else { return }
        begin(form, into: &output)
        editOn(piece.extracting(start...), into: &output)
        isPristine = false
    }

    private mutating func begin(_ form: AnswerForm, into output: inout [UInt8]) {
        let opening = finder?.opening ?? []
        finder = nil
        passesAll = form != .eventStream
        editOn(opening.span, into: &output)
    }

    private mutating func editOn(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        guard !passesAll else {
            piece.withUnsafeBufferPointer { output.append(contentsOf: $0) }
            return isPristine = true
        }
        let before = output.count
        let isVerbatim = held.isEmpty ? run(piece, into: &output) : runBehindHeld(piece, into: &output)
        isPristine = isVerbatim && held.isEmpty && output.count - before == piece.count
        scan.rebase()
    }

    /// Reads a piece in place, and keeps what waits. Returns whether the bytes left in their order.
    private mutating func run(_ piece: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        guard let comment = scan.run(piece, into: &output) else {
            piece.extracting(scan.passed...).withUnsafeBufferPointer { held.append(contentsOf: $0) }
            return true
        }
        piece.withUnsafeBufferPointer { held.append(contentsOf: $0) }
        held.removeSubrange(comment)
        runOnHeld(into: &output)
        return false
    }

    /// Reads a piece after bytes that wait. The output cannot be the piece alone.
    private mutating func runBehindHeld(_ piece: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        piece.withUnsafeBufferPointer { held.append(contentsOf: $0) }
        runOnHeld(into: &output)
        return false
    }

    /// Reads what is held to its end, and keeps what waits. A comment in it leaves before earlier bytes and is cut
    /// away.
    private mutating func runOnHeld(into output: inout [UInt8]) {
        // Moved out and back, because the scan may not run over another member of the same struct.
        var window: [UInt8] = []
        swap(&window, &held)
        while let comment = scan.run(window.span, into: &output) { window.removeSubrange(comment) }
        if scan.passed == window.count {
            window.removeAll(keepingCapacity: window.capacity <= Self.keptCapacity)
        } else {
            window.removeFirst(scan.passed)
        }
        swap(&window, &held)
    }

    /// Appends what still waits, since the answer ended or broke off. Only an extra chunk whose `data` line is complete
    /// stays out, as it would have after its blank line.
    public mutating func finish(into output: inout [UInt8]) {
        if let form = finder?.finish() { begin(form, into: &output) }
        let window = held
        scan.finish(window.span, into: &output)
        self = StreamEditor()
    }
}
