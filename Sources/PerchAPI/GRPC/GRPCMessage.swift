import NIOCore

/// Collects the one message of a unary call: a byte that says whether it is compressed, four of
/// length, and the message.
///
/// Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, "Requests".
package struct GRPCMessage: Sendable {
    /// Why what came is not one message.
    enum Failure: Error, Equatable {
        case tooLarge
        case flag(UInt8)
        /// The stream ended within the message, or before any.
        case cut
        /// More came than one message.
        case several
    }

    private static let headByteCount = 5

    private let byteCountMax: Int
    private var head: [UInt8] = []
    private var declaredByteCount = 0
    /// What has come of the message.
    private(set) var body: [UInt8] = []

    /// `byteCountMax` bounds the message as it is sent.
    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Whether the message is compressed, by `grpc-encoding`.
    var isCompressed: Bool { head.first == 1 }

    /// Takes what arrived next.
    mutating func append(_ chunk: ByteBufferView) throws(Failure) {
        var rest = chunk[...]
        if head.count < Self.headByteCount {
            let taken = rest.prefix(Self.headByteCount - head.count)
            head += taken
            rest = rest.dropFirst(taken.count)
            guard head.count == Self.headByteCount else { return }
            guard head[0] <= 1 else { throw .flag(head[0]) }
            declaredByteCount = head.dropFirst().reduce(0) { $0 << 8 | Int($1) }
            guard declaredByteCount <= byteCountMax else { throw .tooLarge }
        }
        guard body.count + rest.count <= declaredByteCount else { throw .several }
        body.append(contentsOf: rest)
    }

    /// Whether all of it has come.
    var isWhole: Bool { head.count == Self.headByteCount && body.count == declaredByteCount }

    /// A message as an answer carries it, not compressed.
    static func framed(_ message: [UInt8], allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: headByteCount + message.count)
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt32(truncatingIfNeeded: message.count))
        buffer.writeBytes(message)
        return buffer
    }
}
