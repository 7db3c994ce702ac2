/// How much a request may use: what money is set aside for.
struct HoldQuantities: Hashable {
    /// Input that is text, or is billed as such.
    var textTokens: Int64 = 0
    /// Input that is pictures.
    var imageTokens: Int64 = 0
    /// Input that is sound.
    var audioTokens: Int64 = 0
    /// Output over all answers.
    var outputTokens: Int64 = 0
    /// Sound by its length, where that is what is billed.
    var microseconds: Int64 = 0
    /// Text to be spoken.
    var characters: Int64 = 0
    /// Pictures to be made.
    var images: Int64 = 0

    /// All input; decides the band of long prompts.
    var promptTokens: Int64 { textTokens.addingClamped(imageTokens).addingClamped(audioTokens) }
    /// What rates of tokens count.
    var tokens: Int64 { promptTokens.addingClamped(outputTokens) }

    /// Their price, and that of some fees.
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
