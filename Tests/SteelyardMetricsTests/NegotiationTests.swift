import Testing

@testable import SteelyardMetrics

@Test(
    "the scraper's accept field decides the format",
    arguments: [
        (nil, .text), ("", .text), ("*/*", .text), ("text/plain", .text), ("text/html,*/*;q=0.8", .text),
        ("application/openmetrics-text", .openMetrics(escaping: nil)),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics(escaping: nil)),
        ("application/openmetrics-text;version=\"1.0.0\"", .openMetrics(escaping: nil)),
        ("APPLICATION/OpenMetrics-Text ; Version = 1.0.0", .openMetrics(escaping: nil)),
        ("application/openmetrics-text;version=0.0.1", .text),
        ("application/openmetrics-text;version=2.0.0", .text),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.2", .text),
        ("application/openmetrics-text;q=0.2,text/plain;q=0.1", .openMetrics(escaping: nil)),
        ("application/openmetrics-text,text/plain", .openMetrics(escaping: nil)),
        ("text/plain,application/openmetrics-text", .text),
        ("application/openmetrics-text;q=0", .text),
        ("application/openmetrics-text;q=0.000,*/*;q=0.001", .text),
        ("application/openmetrics-text;q=high", .text),
        ("application/openmetrics-text;q=1.000", .openMetrics(escaping: nil)),
        ("application/openmetrics-text;q=0.5000", .text),
        ("application/openmetrics-text;escaping=dots", .openMetrics(escaping: .dots)),
        ("application/openmetrics-text;escaping=\r\nx-evil: 1", .openMetrics(escaping: .underscores)),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", .text),
        (";;,,=,q=,;q", .text),
    ] as [(String?, ExpositionFormat)]
)
func negotiation(accept: String?, expected: ExpositionFormat) {
    #expect(ExpositionFormat.negotiated(accept: accept) == expected)
}

@Test("Prometheus 2 gets OpenMetrics")
func prometheus2() {
    let accept =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    let format = ExpositionFormat.negotiated(accept: accept)
    #expect(format.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8")
}

@Test("Prometheus 3 gets OpenMetrics with the escaping it asked for")
func prometheus3() {
    let accept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    let format = ExpositionFormat.negotiated(accept: accept)
    #expect(
        format.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    )
}

@Test("Prometheus 3 that prefers protobuf gets its next choice")
func prometheus3Protobuf() {
    let accept =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
        + "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    #expect(ExpositionFormat.negotiated(accept: accept) == .openMetrics(escaping: .underscores))
}

@Test("text has the content type that Prometheus 3 insists on")
func textType() {
    #expect(ExpositionFormat.text.contentType == "text/plain; version=0.0.4; charset=utf-8")
}
