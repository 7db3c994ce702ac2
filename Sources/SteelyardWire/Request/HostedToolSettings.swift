/// What a request or an answer says about one setting of a hosted tool.
public enum ToolSetting: Hashable, Sendable {
    /// No such tool was offered.
    case absent
    /// The tool was offered without this setting, so its provider chooses.
    case unstated
    /// It was offered with this value.
    case stated(String)
    /// It was offered with several values, or the value was decided elsewhere.
    case unknown

    /// Adds what one more tool says.
    mutating func take(_ next: ToolSetting) {
        if self == .absent { self = next } else if self != next { self = .unknown }
    }
}

/// The settings of hosted tools that decide what their work costs: as the request states them, or as the answer to it
/// repeats them (Responses API, `tools`).
public struct HostedToolSettings: Hashable, Sendable {
    /// The model that makes the pictures of `image_generation`.
    public private(set) var imageModel = ToolSetting.absent
    /// The memory of the containers that `code_interpreter` and `shell` start: `1g`, `4g`, `16g` or `64g`.
    public private(set) var containerMemory = ToolSetting.absent
    /// Whether searches run by the tool `web_search` were offered.
    public private(set) var offersSearch = false
    /// Whether searches run by the older tool `web_search_preview` were offered.
    public private(set) var offersPreviewSearch = false

    /// Makes the settings of no tools.
    public init() {}

    mutating func take(_ tool: HostedTool) {
        switch tool.type {
        case "image_generation": imageModel.take(tool.model.map { .stated($0) } ?? .unstated)
        case "code_interpreter": containerMemory.take(tool.containerMemory)
        case "shell": if let memory = tool.shellMemory { containerMemory.take(memory) }
        case let type where type.hasPrefix("web_search_preview"): offersPreviewSearch = true
        case let type where type.hasPrefix("web_search"): offersSearch = true
        default: break
        }
    }
}

/// One entry of `tools`.
struct HostedTool {
    var type = ""
    var model: String?
    /// `container` or `environment` is the id of an existing container.
    var hasContainerID = false
    /// `environment.type`.
    var environment: String?
    /// `memory_limit` of either one.
    var memory: String?

    /// A container has 1 GB unless the request asks for more (OpenAI, "Code Interpreter", 2026-11). What an existing
    /// container has was said only in the request that made it.
    var containerMemory: ToolSetting { hasContainerID ? .unknown : .stated(memory ?? "1g") }

    /// A shell runs on the client's side, and costs nothing, unless its environment is a container.
    var shellMemory: ToolSetting? {
        switch environment {
        case "container_auto": .stated(memory ?? "1g")
        case "container_reference": .unknown
        default: nil
        }
    }
}
