import NIOCore

extension Endpoints {
    /// `POST /v1/embeddings`, as numbers or as base64 of little-endian floats.
    func embeddings(_ request: SimulatedRequest) -> Answer {
        withObject(request) { object, model in
            guard let input = object["input"] else {
                return .invalid("Missing required parameter: 'input'.", param: "input")
            }
            let dimensions = (object["dimensions"]?.integer ?? 1536).clamped(to: 1...8192)
            let isBase64 = object["encoding_format"]?.string == "base64"
            let inputs =
                Completion.promptCount(input) > 1 || input.elements.first?.isString == true ? input.elements : [input]
            let usage = Usage(.embedding, inputBytes: input.byteCount, outputTokens: 0, request.directives)
            let facts = AnswerFacts(
                model: request.directives.answerModel ?? model,
                usage: request.directives.shown(usage)
            )
            var body = ByteBufferAllocator().buffer(capacity: inputs.count * dimensions * (isBase64 ? 6 : 14) + 300)
            body.append(#"{"object":"list","data":["#)
            for (index, input) in inputs.enumerated() {
                body.append(index > 0 ? #",{"object":"embedding","index":"# : #"{"object":"embedding","index":"#)
                body.append(index)
                body.append(#","embedding":"#)
                Embedding(of: input, dimensions: dimensions).write(asBase64: isBase64, to: &body)
                body.append("}")
            }
            body.append(#"],"model":"#)
            body.append(quoted: facts.model ?? model)
            facts.usage?.writeMember(to: &body)
            body.append("}")
            return .json(body, facts: facts)
        }
    }
}

/// A unit vector made from a text: the same text, the same vector.
struct Embedding {
    private let fingerprint: UInt64
    private let dimensions: Int

    init(of input: JSONNode, dimensions: Int) {
        fingerprint = Fingerprint.of(input.text[input.range])
        self.dimensions = dimensions
    }

    /// Every component is ±1/√d; the text decides the signs.
    var components: [Float] {
        let magnitude = 1 / Float(dimensions).squareRoot()
        var word = fingerprint | 1
        return (0..<dimensions).map { _ in
            // xorshift64 (Marsaglia, 2003)
            word ^= word << 13
            word ^= word >> 7
            word ^= word << 17
            return word & 1 == 1 ? magnitude : -magnitude
        }
    }

    func write(asBase64 isBase64: Bool, to body: inout ByteBuffer) {
        guard !isBase64 else {
            let bytes = components.flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> UInt32(8 * $0)) }
            }
            return body.append(quoted: Base64.encoded(bytes))
        }
        for (index, component) in components.enumerated() {
            body.append(index > 0 ? "," : "[")
            body.append(verbatim: component.description)
        }
        body.append("]")
    }
}
