extension RouteTable {
    /// The routes of the OpenAI API, relative to its base URL.
    ///
    /// Source: methods and paths of `openai-openapi` (f85dbe2, 2026-08-21) and of the `openai` 3.52.0 SDK. GET, HEAD,
    /// OPTIONS and DELETE never cost anything. They need a row only to get a name in metrics if the path has no POST,
    /// or if they show a generation again.
    public static let openAI = RouteTable(
        generations: generations,
        usageOnRequest: ["/chat/completions", "/completions"],
        rereads: [
            "/responses/{id}", "/chat/completions/{id}", "/batches/{id}", "/threads/{id}/runs/{id}", "/videos/{id}",
        ],
        rereadPosts: rereadPosts,
        freePosts: freePosts,
        unmetered: unmetered,
        reads: reads,
        administration: administration,
        administered: administered
    )

    private static let generations = [
        "/responses", "/responses/compact", "/embeddings", "/decisions",
        "/audio/speech", "/audio/transcriptions", "/audio/translations",
        "/images/generations", "/images/edits", "/images/variations",
        "/videos", "/videos/edits", "/videos/extensions", "/videos/{id}/remix",
        "/threads/runs", "/threads/{id}/runs", "/threads/{id}/runs/{id}/submit_tool_outputs",
    ]

    /// POSTs whose answers show earlier work. Cancelled work has ended, and the answer shows it with its final usage.
    /// Updated work is shown with the usage it had before.
    private static let rereadPosts = [
        "/responses/{id}/cancel", "/threads/{id}/runs/{id}/cancel", "/threads/{id}/runs/{id}",
        "/chat/completions/{id}", "/batches/{id}/cancel", "/evals/{id}/runs/{id}", "/evals/{id}/runs/{id}/cancel",
        "/agents/sessions/{id}",
    ]

    private static let freePosts = [
        "/moderations", "/responses/input_tokens", "/content_provenance_checks",
        "/files", "/uploads", "/uploads/{id}/parts", "/uploads/{id}/complete", "/uploads/{id}/cancel",
        "/fine_tuning/jobs/{id}/cancel", "/fine_tuning/jobs/{id}/pause", "/fine_tuning/alpha/graders/validate",
        "/evals", "/evals/{id}", "/containers/{id}/files",
        "/conversations", "/conversations/{id}", "/conversations/{id}/items",
        "/vector_stores", "/vector_stores/{id}", "/vector_stores/{id}/files", "/vector_stores/{id}/files/{id}",
        "/vector_stores/{id}/file_batches", "/vector_stores/{id}/file_batches/{id}/cancel",
        "/assistants", "/assistants/{id}", "/threads", "/threads/{id}", "/threads/{id}/messages",
        "/threads/{id}/messages/{id}",
        "/skills", "/skills/{id}", "/skills/{id}/versions",
        "/vaults", "/vaults/{id}", "/vaults/{id}/credentials", "/vaults/{id}/credentials/{id}",
        "/audio/voices", "/audio/voice_consents", "/audio/voice_consents/{id}",
        "/realtime/calls/{id}/hangup", "/realtime/calls/{id}/refer", "/realtime/calls/{id}/reject",
        "/live/sessions/{id}/hangup", "/live/sessions/{id}/refer", "/live/sessions/{id}/reject",
        "/chatkit/sessions/{id}/cancel",
        "/agents", "/agents/{id}", "/agents/automations/{id}/pause", "/agents/environments/templates",
        "/agents/environments/templates/{id}", "/agents/environments/{id}/files",
    ]

    /// POSTs that create a key which bypasses any gateway, training, sessions that continue after the answer, and work
    /// that is billed elsewhere. They are counted, never passed in silence.
    private static let unmetered = [
        "/realtime/client_secrets", "/realtime/sessions", "/realtime/transcription_sessions",
        "/realtime/translations/client_secrets", "/realtime/calls", "/realtime/calls/{id}/accept",
        "/live/sessions", "/live/sessions/{id}/accept", "/live/sessions/{id}/fork", "/chatkit/sessions",
        "/fine_tuning/jobs", "/fine_tuning/jobs/{id}/resume", "/fine_tuning/alpha/graders/run",
        "/batches", "/evals/{id}/runs", "/vector_stores/{id}/search", "/containers", "/videos/characters",
        "/agents/sessions", "/agents/sessions/{id}/events", "/agents/environments", "/agents/automations",
        "/agents/automations/{id}", "/agents/automations/{id}/invocations", "/agents/automations/{id}/resume",
    ]

    /// Paths without a POST.
    private static let reads = [
        "/models", "/models/{id}", "/files/{id}", "/files/{id}/content", "/audio/voices/{id}",
        "/responses/{id}/input_items", "/chat/completions/{id}/messages", "/conversations/{id}/items/{id}",
        "/videos/characters/{id}", "/videos/{id}/content",
        "/fine_tuning/jobs/{id}", "/fine_tuning/jobs/{id}/events", "/fine_tuning/jobs/{id}/checkpoints",
        "/evals/{id}/runs/{id}/output_items", "/evals/{id}/runs/{id}/output_items/{id}",
        "/containers/{id}", "/containers/{id}/files/{id}", "/containers/{id}/files/{id}/content",
        "/vector_stores/{id}/files/{id}/content", "/vector_stores/{id}/file_batches/{id}",
        "/vector_stores/{id}/file_batches/{id}/files",
        "/threads/{id}/runs/{id}/steps", "/threads/{id}/runs/{id}/steps/{id}",
        "/skills/{id}/content", "/skills/{id}/versions/{id}", "/skills/{id}/versions/{id}/content",
        "/realtime", "/realtime/translations", "/live/sessions/{id}", "/live/sessions/{id}/content",
        "/chatkit/threads", "/chatkit/threads/{id}", "/chatkit/threads/{id}/items",
        "/safety/alerts/{id}", "/safety/cases/{id}", "/webhook_event_types",
        "/agents/automations/{id}/invocations/{id}", "/agents/environments/{id}",
        "/agents/sessions/{id}/artifacts", "/agents/sessions/{id}/artifacts/{id}",
        "/agents/sessions/{id}/artifacts/{id}/content", "/agents/sessions/{id}/items", "/agents/sessions/{id}/traces",
        "/agents/sessions/{id}/turns", "/agents/sessions/{id}/turns/{id}", "/agents/sessions/{id}/turns/{id}/items",
        "/agents/sessions/{id}/subagents", "/agents/sessions/{id}/subagents/{id}",
        "/agents/sessions/{id}/subagents/{id}/items", "/agents/sessions/{id}/subagents/{id}/turns",
        "/agents/sessions/{id}/subagents/{id}/turns/{id}", "/agents/sessions/{id}/subagents/{id}/turns/{id}/items",
    ]
}
