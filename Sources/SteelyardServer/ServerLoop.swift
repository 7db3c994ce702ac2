import NIOCore
import SteelyardExchange
import SteelyardPolicy

/// What one event loop owns: it carries a request from socket to socket without asking any other thread.
// Unchecked: only its own event loop touches anything but the constants.
final class ServerLoop: @unchecked Sendable {
    let services: ServerServices
    let eventLoop: any EventLoop
    /// Its position among the loops.
    let index: Int
    /// Its connections to providers.
    private(set) lazy var providers = ProviderPool(loop: self)
    private var effects = ExchangeEffects()
    private var random = RandomReserve()

    init(_ services: ServerServices, _ eventLoop: any EventLoop, index: Int) {
        self.services = services
        self.eventLoop = eventLoop
        self.index = index
    }

    /// A new id for an exchange that begins now, in milliseconds since 1970.
    func newID(wallMilliseconds: Int64) -> ChargeID { .unique(milliseconds: UInt64(wallMilliseconds), &random) }

    /// Lends the one list of effects, so that an event needs no new one. An event within the event gets a list of its
    /// own.
    func takeEffects() -> ExchangeEffects {
        defer { effects = ExchangeEffects() }
        return effects
    }

    /// Takes the list back, with its memory.
    func giveBack(_ used: consuming ExchangeEffects) {
        used.removeAll()
        effects = used
    }
}
