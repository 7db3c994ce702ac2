extension RouteTable {
    /// Every path below these is administration, whether the table knows it or not.
    static let administered = ["/organization", "/projects", "/webhook_endpoints", "/fine_tuning/checkpoints"]

    /// The settings of an organization and its projects: who may use them, with which keys, up to what limits, and
    /// where their events and files go. The SDK sends an admin key to all of them except the webhooks, which belong to
    /// a whole project.
    static let administration = [
        "/fine_tuning/checkpoints/{id}/permissions", "/fine_tuning/checkpoints/{id}/permissions/{id}",
        "/organization/admin_api_keys", "/organization/admin_api_keys/{id}", "/organization/audit_logs",
        "/organization/certificates", "/organization/certificates/activate", "/organization/certificates/deactivate",
        "/organization/certificates/{id}", "/organization/costs", "/organization/data_retention",
        "/organization/external_keys", "/organization/external_keys/{id}",
        "/organization/external_keys/{id}/validate", "/organization/external_storage",
        "/organization/external_storage/{id}", "/organization/external_storage/{id}/validate", "/organization/groups",
        "/organization/groups/{id}", "/organization/groups/{id}/roles", "/organization/groups/{id}/roles/{id}",
        "/organization/groups/{id}/users", "/organization/groups/{id}/users/{id}", "/organization/invites",
        "/organization/invites/{id}", "/organization/projects", "/organization/projects/{id}",
        "/organization/projects/{id}/api_keys", "/organization/projects/{id}/api_keys/{id}",
        "/organization/projects/{id}/archive", "/organization/projects/{id}/certificates",
        "/organization/projects/{id}/certificates/activate", "/organization/projects/{id}/certificates/deactivate",
        "/organization/projects/{id}/data_retention", "/organization/projects/{id}/groups",
        "/organization/projects/{id}/groups/{id}", "/organization/projects/{id}/hosted_tool_permissions",
        "/organization/projects/{id}/model_permissions", "/organization/projects/{id}/rate_limits",
        "/organization/projects/{id}/rate_limits/{id}", "/organization/projects/{id}/service_accounts",
        "/organization/projects/{id}/service_accounts/{id}",
        "/organization/projects/{id}/service_accounts/{id}/api_keys",
        "/organization/projects/{id}/service_tier_settings", "/organization/projects/{id}/spend_alerts",
        "/organization/projects/{id}/spend_alerts/{id}", "/organization/projects/{id}/spend_limit",
        "/organization/projects/{id}/users", "/organization/projects/{id}/users/{id}", "/organization/roles",
        "/organization/roles/{id}", "/organization/spend_alerts", "/organization/spend_alerts/{id}",
        "/organization/spend_limit", "/organization/usage/audio_speeches", "/organization/usage/audio_transcriptions",
        "/organization/usage/code_interpreter_sessions", "/organization/usage/completions",
        "/organization/usage/decisions", "/organization/usage/embeddings", "/organization/usage/file_search_calls",
        "/organization/usage/images", "/organization/usage/moderations", "/organization/usage/vector_stores",
        "/organization/usage/web_search_calls", "/organization/users", "/organization/users/{id}",
        "/organization/users/{id}/roles", "/organization/users/{id}/roles/{id}",
        "/organization/workload_identity_providers", "/organization/workload_identity_providers/{id}",
        "/organization/workload_identity_providers/{id}/federation_rules",
        "/organization/workload_identity_providers/{id}/federation_rules/{id}", "/projects/{id}/groups/{id}/roles",
        "/projects/{id}/groups/{id}/roles/{id}", "/projects/{id}/roles", "/projects/{id}/roles/{id}",
        "/projects/{id}/users/{id}/roles", "/projects/{id}/users/{id}/roles/{id}", "/webhook_endpoints",
        "/webhook_endpoints/{id}", "/webhook_endpoints/{id}/rotate_secret", "/webhook_endpoints/{id}/test",
    ]
}
