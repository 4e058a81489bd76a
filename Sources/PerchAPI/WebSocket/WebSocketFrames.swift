import NIOCore

/// Frames that a server sends: whole messages, without a mask.
///
/// Source: RFC 6455, section 5.2.
enum WebSocketFrames {
    /// Why a server closes.
    enum Goodbye: UInt16 {
        case normal = 1000
        case goingAway = 1001
        case protocolError = 1002
    }

    static func text(_ bytes: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(bytes.count + 10)
        buffer.writeInteger(UInt8(0x81))
        switch bytes.count {
        case ..<126: buffer.writeInteger(UInt8(bytes.count))
        case ...Int(UInt16.max):
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(bytes.count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(bytes.count))
        }
        buffer.writeBytes(bytes)
        return buffer
    }

    /// Asks whether the reader is there.
    static var ping: ByteBuffer { ByteBuffer(bytes: [0x89, 0]) }

    /// Answers a ping with what it said: at most 125 bytes, as for all frames of control.
    static func pong(_ data: ByteBuffer) -> ByteBuffer {
        let bytes = data.readableBytesView.prefix(125)
        var buffer = ByteBuffer(bytes: [0x8a, UInt8(bytes.count)])
        buffer.writeBytes(bytes)
        return buffer
    }

    static func close(_ reason: Goodbye) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: [0x88, 2])
        buffer.writeInteger(reason.rawValue)
        return buffer
    }
}
