import NIOCore
import NIOHTTP1

extension WitnessEntry {
    /// Records facts of a request's headers; of values only a fingerprint and a number.
    mutating func describe(_ headers: HTTPHeaders) {
        headerNames.reserveCapacity(headers.count)
        for (name, value) in headers {
            headerNames.append(name)
            if name.isSame(as: "authorization") { credentialFingerprint = Fingerprint.of(value.utf8) }
            if name.isSame(as: "x-stainless-retry-count") { retryCount = Int(value) }
        }
    }

    /// Records facts of the answer.
    mutating func describe(_ reply: SimulatedProvider.Reply) {
        status = reply.status
        id = reply.facts.id
        model = reply.facts.model
        tier = reply.facts.tier
        isReread = reply.facts.isReread
        reportedUsage = reply.facts.usage
    }
}

extension SimulatedProvider {
    /// Records a request that was incomplete or malformed.
    func refused(_ outcome: WitnessEntry.Outcome, _ head: HTTPRequestHead?, _ connection: Int, _ number: Int) {
        guard witness.isOn else { return }
        var entry = WitnessEntry()
        entry.connection = connection
        entry.requestNumber = number
        entry.receivedNanoseconds = NIODeadline.now().uptimeNanoseconds
        entry.method = head?.method.rawValue ?? ""
        entry.target = head?.uri ?? ""
        if let head { entry.describe(head.headers) }
        entry.outcome = outcome
        witness.received(&entry)
        witness.ended(entry)
    }
}

extension String {
    /// Whether two field names are the same; `lowercased` is ASCII in lower case.
    fileprivate func isSame(as lowercased: StaticString) -> Bool {
        guard utf8.count == lowercased.utf8CodeUnitCount else { return false }
        // `| 0x20` folds letters; the only other bytes in these names are "-", which has that bit.
        return zip(utf8, UnsafeBufferPointer(start: lowercased.utf8Start, count: utf8.count)).allSatisfy {
            $0 | 0x20 == $1
        }
    }
}
