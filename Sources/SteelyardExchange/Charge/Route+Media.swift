import SteelyardPolicy

/// What a route generates that is not text (OpenAI API reference, "Audio", "Images", "Videos").
extension Route {
    /// Whether text becomes sound.
    var speaks: Bool { template == "/v1/audio/speech" }

    /// Whether pictures are generated; output tokens without a stated split are those of pictures.
    var answersInImages: Bool { template.hasPrefix("/v1/images/") }

    /// Whether films are generated.
    var answersInFilms: Bool { template.hasPrefix("/v1/videos") }

    /// Whether what is generated is sound, pictures or film.
    var answersInMedia: Bool { answersInImages || speaks || answersInFilms }
}
