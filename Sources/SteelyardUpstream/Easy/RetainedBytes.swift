import NIOCore

/// The bytes of a buffer at an address that stays put: libcurl reads a gathered body from there for as long as the
/// transfer runs (`CURLOPT_POSTFIELDS` does not copy).
///
/// Retaining the storage is what NIO asks for to use the pointer beyond the closure; as it is then shared, whoever
/// writes to another copy of the buffer moves to storage of its own.
struct RetainedBytes: ~Copyable {
    private var storage: Unmanaged<AnyObject>?
    /// The first byte; not nil even when there are none, which would make libcurl ask a read callback.
    let start: UnsafeRawPointer
    let count: Int

    init(_ buffer: ByteBuffer) {
        (storage, start, count) = buffer.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            let empty: StaticString = ""
            return (storage.retain(), bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start), bytes.count)
        }
    }

    deinit { storage?.release() }

    /// Ends the hold: nobody reads from the address any more.
    mutating func letGo() {
        storage?.release()
        storage = nil
    }
}
