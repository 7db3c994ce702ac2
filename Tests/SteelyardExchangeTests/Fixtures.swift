/// What providers send, shortened to what matters.
enum Fixture {
    static let chat = #"{"model":"gpt-4.1","messages":[{"role":"user","content":"hi"}]}"#
    static let streamedChat = #"{"model":"gpt-4.1","stream":true,"messages":[{"role":"user","content":"hi"}]}"#

    static func answer(prompt: Int, completion: Int, model: String = "gpt-4.1-2025-04-14") -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion","model":"\#(model)","choices":[{"index":0,"message":"#
            + #"{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":"#
            + usage(prompt, completion) + "}"
    }

    static func usage(_ prompt: Int, _ completion: Int) -> String {
        #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion),"total_tokens":\#(prompt + completion)}"#
    }

    static func chunk(_ content: String, usage: String? = nil) -> String {
        let member = usage.map { #","usage":\#($0)"# } ?? ""
        return #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4.1","choices":[{"index":0,"#
            + #""delta":{"content":"\#(content)"},"finish_reason":null}]\#(member)}"# + "\n\n"
    }

    static func usageChunk(_ prompt: Int, _ completion: Int) -> String {
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4.1","choices":[],"usage":"#
            + usage(prompt, completion) + "}\n\n"
    }

    static let finishChunk =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-4.1","choices":[{"index":0,"#
        + #""delta":{},"finish_reason":"stop"}]}"# + "\n\n"

    static let done = "data: [DONE]\n\n"

    static func response(status: String, usage: String = "null") -> String {
        #"{"id":"resp_1","object":"response","status":"\#(status)","model":"gpt-4.1","output":[],"usage":\#(usage)}"#
    }

    static let formType = [("content-type", "multipart/form-data; boundary=b")]

    /// A field of a form.
    static func field(_ name: String, _ value: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    /// A file of a form.
    static func file(_ byteCount: Int, name: String = "file") -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"a.wav\"\r\n\r\n"
            + String(repeating: "x", count: byteCount) + "\r\n"
    }

    static let formEnd = "--b--\r\n"

    /// The answer to a transcription.
    static func transcript(input: Int, output: Int) -> String {
        #"{"text":"hello","usage":{"type":"tokens","input_tokens":\#(input),"input_token_details":{"text_tokens":0,"#
            + #""audio_tokens":\#(input)},"output_tokens":\#(output),"total_tokens":\#(input + output)}}"#
    }
}
