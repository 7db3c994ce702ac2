import NIOCore

/// The bytes of a buffer at an address that does not change: libcurl reads a gathered body from there while the
/// transfer runs (`CURLOPT_POSTFIELDS` does not copy).
///
/// NIO requires the storage to be retained if the pointer is used outside the closure. The storage is then shared, so
/// whoever writes to another copy of the buffer gets new storage.
struct RetainedBytes: ~Copyable {
    private var storage: Unmanaged<AnyObject>?
    /// The first byte. It is not nil even when there are no bytes, because libcurl would then ask a read callback.
    let start: UnsafeRawPointer
    let count: Int

    init(_ buffer: ByteBuffer) {
        (storage, start, count) = buffer.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            let empty: StaticString = ""
            return (storage.retain(), bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start), bytes.count)
        }
    }

    deinit { storage?.release() }

    /// Releases the storage: nobody reads from the address any more.
    mutating func letGo() {
        storage?.release()
        storage = nil
    }
}
