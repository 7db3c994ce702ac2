import SteelyardPolicy
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("a secret prints as nothing, however it is printed")
    func neverPrinted() {
        let secret = Secret(Array("hunter2".utf8))
        let origin = ProviderOrigin(isSecure: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
        let key = ProviderKey.bound(BoundSecret(secret, to: origin))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
        }
    }

    @Test("secrets are equal when all bytes are")
    func equality() {
        #expect(Secret([1, 2]) == Secret([1, 2]))
        #expect(Secret([1, 2]) != Secret([1, 3]))
        #expect(Secret([1, 2]) != Secret([1, 2, 3]))
    }
}
