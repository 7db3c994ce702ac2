/// The quantities that a request may use, for which money is reserved.
struct HoldQuantities: Hashable {
    /// Input that is text, or is billed as such.
    var textTokens: Int64 = 0
    /// Input that consists of pictures.
    var imageTokens: Int64 = 0
    /// Input that consists of sound.
    var audioTokens: Int64 = 0
    /// The output of all answers together.
    var outputTokens: Int64 = 0
    /// The length of sound, for models that bill by length.
    var microseconds: Int64 = 0
    /// Text to be spoken.
    var characters: Int64 = 0
    /// Pictures to be generated.
    var images: Int64 = 0

    /// All input. It decides whether the prices for long prompts apply.
    var promptTokens: Int64 { textTokens.addingClamped(imageTokens).addingClamped(audioTokens) }
    /// The tokens that count against a rate limit.
    var tokens: Int64 { promptTokens.addingClamped(outputTokens) }

    /// The price of these quantities, plus fees.
    func price(at rates: HoldRates, fees: RateSum) -> Picodollars {
        var others = fees
        others.add(microseconds, at: rates.duration)
        others.add(characters, at: rates.characters)
        others.add(images, at: rates.images)
        var sum = RateSum()
        sum.add(textTokens, at: rates.text)
        sum.add(imageTokens, at: rates.pictures)
        sum.add(audioTokens, at: rates.sound)
        sum.add(outputTokens, at: rates.output)
        return rates.rounded(sum, plus: others)
    }
}
