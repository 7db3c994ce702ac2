import SteelyardPolicy
import Testing

@Suite("Which model a name means")
struct NamesTests {
    let book: PriceBook

    init() throws { book = try PriceBook.builtIn() }

    @Test(
        "names resolve by exact spelling, provider, fine-tune base, date and -latest, and never by prefix",
        arguments: [
            ("gpt-4o", "gpt-4o"), ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"), ("gpt-4.1-2031-01-01", "gpt-4.1"),
            ("openai/gpt-4o", "gpt-4o"), ("openai/gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14"),
            ("gpt-6.1-sol-2026-09-29", "gpt-6.1-sol"), ("gpt-4o-latest", "gpt-4o"), ("chat-latest", "chat-latest"),
            ("ft:gpt-4o-mini-2024-07-18:acme::9abc", "ft:gpt-4o-mini-2024-07-18"),
            ("ft:gpt-4o-mini-2024-07-18::suffix:9abc", "ft:gpt-4o-mini-2024-07-18"),
            ("ft:gpt-4o-mini-2024-07-18:acme:s:9abc:ckpt-step-90", "ft:gpt-4o-mini-2024-07-18"),
            ("ft:gpt-4.1-2031-01-01:acme::x", "ft:gpt-4.1"), ("openai/ft:gpt-4o:acme::x", "ft:gpt-4o"),
            ("ft:gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini-2024-07-18"), ("gpt-5.6", "gpt-5.6"),
            ("ft:gpt-5.6-sol:acme::x", nil), ("ft:gpt-5:acme::x", nil), ("ft:", nil), ("ft::::", nil), ("", nil),
            ("gpt-4o-xl", nil), ("gpt-5-pro-max", nil), ("gpt", nil), ("o1-", nil), ("GPT-4o", nil), ("tools", nil),
            ("gpt-4o-2024-13-01", nil), ("gpt-4o-2024-05-1", nil), ("gpt-4o 2024-05-13", nil), ("-latest", nil),
            ("-2024-05-13", nil), ("azure/gpt-4o", nil), ("openai/openai/gpt-4o", nil), ("gpt-4o\u{301}", nil),
        ] as [(String, String?)]
    )
    func resolves(_ name: String, _ expected: String?) {
        #expect(book.bookName(for: name) == expected)
    }

    @Test(
        "a request is counted under the requested name when the answer's is a dated name of it, else the answer's",
        arguments: [
            ("gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1"), ("gpt-4.1", nil, "gpt-4.1"),
            ("gpt-4.1", "gpt-4.1", "gpt-4.1"),
            ("gpt-4o", "gpt-4o-2024-05-13", "gpt-4o"), ("gpt-4", "gpt-4-0613", "gpt-4"),
            ("gpt-4.1", "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini-2025-04-14"),
            ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "gpt-4o-2024-08-06"), ("gpt-5.6", "gpt-5.6-sol", "gpt-5.6-sol"),
            ("openai/gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1"), ("my-deployment", "gpt-4o", "gpt-4o"),
            ("omni-moderation-latest", "omni-moderation-2024-09-26", "omni-moderation-latest"),
            ("gpt-6.1-sol", "gpt-6.1-sol-2026-09-29", "gpt-6.1-sol"), ("junk", nil, nil), ("junk", "junk-2", nil),
            ("gpt-4.1", "something-else", nil), ("junk", "junk-2025-01-01", nil),
            ("gpt-4", "gpt-4-turbo", "gpt-4-turbo"),
            ("ft:gpt-4.1-2025-04-14:a::x", "ft:gpt-4.1-2025-04-14:a::x", "ft:gpt-4.1-2025-04-14"),
        ] as [(String, String?, String?)]
    )
    func canonical(_ requested: String, _ answered: String?, _ expected: String?) {
        #expect(book.canonicalName(requested: requested, answered: answered) == expected)
    }

    @Test("no junk name, however long, becomes a label")
    func junk() {
        #expect(book.bookName(for: String(repeating: "gpt-4o-", count: 100_000)) == nil)
        #expect(book.canonicalName(requested: "-", answered: "-----") == nil)
    }

    @Test(
        "the region is the first label of OpenAI's regional hosts",
        arguments: [
            ("eu.api.openai.com", "eu"), ("US.api.openai.com", "us"), ("api.openai.com", nil), ("eu.example.com", nil),
            ("a.b.api.openai.com", nil), (".api.openai.com", nil), ("e1.api.openai.com", nil), ("", nil),
            ("evilapi.openai.com", nil),
        ] as [(String, String?)]
    )
    func regions(_ host: String, _ code: String?) {
        #expect(Region(openAIHost: host)?.code == code)
    }
}
