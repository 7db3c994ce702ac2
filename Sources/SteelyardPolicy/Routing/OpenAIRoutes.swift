extension RouteTable {
    /// The routes of the OpenAI API, relative to its base URL.
    ///
    /// Source: method and path list of `openai-openapi` (2026-08-21) and of the `openai` 3.52.0 SDK. GET, HEAD, OPTIONS
    /// and DELETE never cost anything and need a row only for their template or when they show a generation again.
    public static let openAI = RouteTable(
        generations: [
            "/responses", "/responses/compact", "/embeddings", "/decisions",
            "/audio/speech", "/audio/transcriptions", "/audio/translations",
            "/images/generations", "/images/edits", "/images/variations",
            "/videos", "/videos/edits", "/videos/extensions", "/videos/{id}/remix",
            "/threads/runs", "/threads/{id}/runs", "/threads/{id}/runs/{id}/submit_tool_outputs",
        ],
        usageOnRequest: ["/chat/completions", "/completions"],
        rereads: [
            "/responses/{id}", "/chat/completions/{id}", "/batches/{id}", "/threads/{id}/runs/{id}", "/videos/{id}",
        ],
        // What is cancelled has ended: the answer shows the work with whatever usage it came to.
        rereadPosts: ["/responses/{id}/cancel", "/threads/{id}/runs/{id}/cancel"],
        freePosts: [
            "/moderations", "/responses/input_tokens", "/chat/completions/{id}",
            "/files", "/uploads", "/uploads/{id}/parts", "/uploads/{id}/complete", "/uploads/{id}/cancel",
            "/batches/{id}/cancel", "/fine_tuning/jobs/{id}/cancel", "/fine_tuning/jobs/{id}/pause",
            "/fine_tuning/jobs/{id}/resume", "/conversations", "/conversations/{id}", "/conversations/{id}/items",
            "/vector_stores", "/vector_stores/{id}", "/vector_stores/{id}/files", "/vector_stores/{id}/file_batches",
            "/assistants", "/assistants/{id}", "/threads", "/threads/{id}", "/threads/{id}/messages",
            "/threads/{id}/messages/{id}", "/threads/{id}/runs/{id}",
        ],
        // Handing out a key that bypasses any gateway, training, and work billed elsewhere: counted, never silent.
        unmetered: [
            "/realtime/client_secrets", "/realtime/sessions", "/realtime/transcription_sessions", "/realtime/calls",
            "/fine_tuning/jobs", "/batches", "/evals/{id}/runs", "/vector_stores/{id}/search", "/containers",
        ],
        listings: [
            "/models", "/models/{id}", "/chat/completions", "/responses/{id}/input_items", "/files", "/files/{id}",
            "/files/{id}/content", "/batches", "/fine_tuning/jobs", "/fine_tuning/jobs/{id}", "/vector_stores",
            "/vector_stores/{id}", "/conversations/{id}", "/conversations/{id}/items", "/assistants",
            "/assistants/{id}", "/threads/{id}", "/threads/{id}/messages", "/threads/{id}/runs", "/videos",
            "/videos/{id}/content",
        ]
    )
}
