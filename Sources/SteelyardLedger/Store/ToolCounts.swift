import SteelyardPolicy

/// The work that models did as tools, as counts whose names begin with the model's name: `gpt-image-1/image-out`.
///
/// A model's name may contain a slash and a meter's name cannot, so the last slash separates them.
enum ToolCounts {
    private static let prompt = "prompt"

    /// The counts of all tools. Each tool has at least its prompt count, so that work without any number is kept too.
    static func counts(of meters: Meters, name: (Meter) -> String) -> [(name: String, count: Int64)] {
        meters.toolWork.flatMap { work in
            let counts = work.meters.measured.map { (name($0.meter), $0.quantity) }
            return ([(prompt, work.meters.promptTokens)] + counts).map { ("\(work.model)/\($0.0)", $0.1) }
        }
    }

    /// The work that one such count belongs to; nil if the name is not of this form.
    static func work(_ name: some StringProtocol, _ count: Int64, meter: (String) -> Meter?) -> ToolWork? {
        guard let slash = name.lastIndex(of: "/") else { return nil }
        let (model, counted) = (String(name[..<slash]), String(name[name.index(after: slash)...]))
        guard counted != prompt else { return ToolWork(model: model, meters: Meters(promptTokens: count)) }
        guard let meter = meter(counted) else { return nil }
        var meters = Meters()
        meters[meter] = count
        return ToolWork(model: model, meters: meters)
    }
}
