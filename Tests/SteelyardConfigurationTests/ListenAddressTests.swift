import Testing

@testable import SteelyardConfiguration

@Suite("Listen addresses")
struct ListenAddressTests {
    @Test(
        "one socket has many spellings",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "0:0:0:0:0:0:0:1"), ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::", "0::0"), ("Gateway.internal", "gateway.INTERNAL"), ("fe80::A", "FE80:0::a"),
        ]
    )
    func sameHost(left: String, right: String) {
        let here = ListenAddress(host: left, port: 8080)
        #expect(here.isSame(as: ListenAddress(host: right, port: 8080)))
        #expect(!here.isSame(as: ListenAddress(host: right, port: 8081)))
        #expect(!here.collides(with: ListenAddress(host: right, port: 8080)))
    }

    @Test("the wildcard collides with every other host on its port, and only there")
    func collision() {
        let all = ListenAddress(host: "0.0.0.0", port: 8080)
        let one = ListenAddress(host: "127.0.0.1", port: 8080)
        #expect(all.collides(with: one) && one.collides(with: all))
        #expect(!all.collides(with: ListenAddress(host: "127.0.0.1", port: 8081)))
        #expect(!one.collides(with: ListenAddress(host: "10.0.0.1", port: 8080)))
    }

    @Test(
        "only addresses that cannot be reached from outside are loopback",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("localhost", true), ("a.localhost", true),
            ("::ffff:127.0.0.1", true), ("0.0.0.0", false), ("::", false), ("128.0.0.1", false), ("::2", false),
            ("notlocalhost", false), ("localhost.example", false), ("127.1", false),
        ]
    )
    func loopback(host: String, expected: Bool) {
        #expect(ListenAddress(host: host, port: 1).isLoopback == expected)
    }

    @Test(
        "link-local is 169.254/16 and fe80::/10, mapped spellings included",
        arguments: [
            ("169.254.169.254", true), ("169.254.0.0", true), ("fe80::1", true), ("febf::1", true),
            ("::ffff:169.254.169.254", true), ("::ffff:a9fe:a9fe", true), ("169.253.255.255", false),
            ("169.255.0.0", false), ("fec0::1", false), ("fe7f::1", false), ("fd00:ec2::254", false),
        ]
    )
    func linkLocal(host: String, expected: Bool) {
        #expect(InternetAddress(host)?.isLinkLocal == expected)
    }

    @Test(
        "what is not an address has no reading",
        arguments: [
            "", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "::g", "::+1", "256.0.0.1",
            "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.+4", "1..2.3", "fe80::1%eth0", "[::1]", "1.2.3.4:", "::1.2.3",
            "1:2:3:4:5:6:7::8", "example.org",
        ]
    )
    func notAnAddress(text: String) {
        #expect(InternetAddress(text) == nil)
    }

    @Test("an address prints as proxy.yaml spells it")
    func printed() {
        #expect("\(ListenAddress(host: "::1", port: 80))" == "[::1]:80")
        #expect("\(ListenAddress(host: "127.0.0.1", port: 0))" == "127.0.0.1:0")
    }
}
