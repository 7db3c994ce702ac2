import Glibc
import NIOCore
public import SteelyardConfiguration
public import SteelyardLedger

/// Why a gateway could not start.
public enum GatewayError: Error, Hashable, CustomStringConvertible {
    /// An address could not be bound: it is in use, or does not belong to this machine.
    case cannotListen(ListenAddress, reason: String)
    /// This user is not allowed to bind an address, such as a port below 1024.
    case mayNotListen(ListenAddress)
    /// The prices cannot be used.
    case badPrices(String)
    /// The certificates of the listener cannot be used.
    case badCertificates(String)
    /// A provider's certificate authorities cannot be read.
    case badAuthorities(String)
    /// The ledger cannot be opened.
    case noLedger(LedgerError)
    /// The system has no descriptors, threads or memory left.
    case noResources(String)

    /// A sentence for the shell.
    public var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .mayNotListen(let address): "cannot listen on \(address): this user is not allowed to use ports below 1024"
        case .badPrices(let reason): "the prices cannot be used: \(reason)"
        case .badCertificates(let reason): "the certificates cannot be used: \(reason)"
        case .badAuthorities(let reason): "a provider's certificate authorities cannot be used: \(reason)"
        case .noLedger(let error): "cannot open the ledger: \(error)"
        case .noResources(let reason): "the system lacks a resource that the gateway needs: \(reason)"
        }
    }

    /// The exit status from `sysexits.h`.
    public var exitStatus: Int32 {
        switch self {
        case .cannotListen: EX_UNAVAILABLE
        case .mayNotListen: EX_NOPERM
        case .badPrices, .badCertificates, .badAuthorities: EX_CONFIG
        case .noLedger(let error): error.exitStatus
        case .noResources: EX_OSERR
        }
    }
}

extension GatewayError {
    /// From the error of `bind` or of a host name lookup.
    init(binding address: ListenAddress, failedWith error: any Error) {
        switch error {
        case let error as IOError where error.errnoCode == EACCES: self = .mayNotListen(address)
        case let error as IOError where error.errnoCode == EMFILE || error.errnoCode == ENFILE:
            self = .noResources(String(cString: strerror(error.errnoCode)))
        case let error as IOError:
            self = .cannotListen(address, reason: String(cString: strerror(error.errnoCode)))
        case let error as SocketAddressError.UnknownHost:
            self = .cannotListen(address, reason: "cannot find the host \(error.host)")
        default: self = .cannotListen(address, reason: "\(error)")
        }
    }
}
