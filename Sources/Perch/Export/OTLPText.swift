import PerchModel
import PerchWire

/// OTLP's requests as JSON, written out of their protobuf form.
///
/// Records wait as protobuf whatever is sent, so the two forms cannot differ. Source:
/// opentelemetry-proto, and "JSON Protobuf Encoding" of the OTLP specification: ids in hex, 64-bit
/// integers as strings, enumerations as numbers, names in lower camel case.
enum OTLPText {
    /// The JSON form of a request; fields that nobody knows are left out.
    static func json(_ message: [UInt8], _ signal: ExportOptions.Signal) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(message.count * 3)
        let shape: OTLPShape =
            switch signal {
            case .logs: .logs
            case .metrics: .metrics
            case .traces: .traces
            }
        do {
            try append(message.span, ProtoCursor(0..<message.count), shape, to: &output)
        } catch {
            // Our own encoder wrote it, so this is not reached; an empty request says nothing wrong.
            return Array("{}".utf8)
        }
        return output
    }

    /// A field as it stands in a message: a number, or the place of its content.
    private enum Found {
        case number(UInt64)
        case content(Range<Int>)
    }

    private static func append(
        _ bytes: Span<UInt8>, _ message: ProtoCursor, _ shape: OTLPShape, to output: inout [UInt8]
    ) throws(WireFailure) {
        var cursor = message
        var found: [(field: UInt32, values: [Found])] = []
        while let tag = try cursor.tag(bytes) {
            let value: Found =
                switch tag & 7 {
                case 0: .number(try cursor.varint(bytes))
                case 1: .number(try cursor.fixed64(bytes))
                case 5: .number(UInt64(try cursor.fixed32(bytes)))
                default: .content(try cursor.range(bytes))
                }
            if let index = found.lastIndex(where: { $0.field == tag >> 3 }) {
                found[index].values.append(value)
            } else {
                found.append((tag >> 3, [value]))
            }
        }
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (field, values) in found {
            guard let known = shape.fields[field] else { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendString(known.name, to: &output)
            output.append(UInt8(ascii: ":"))
            if known.isRepeated { output.append(UInt8(ascii: "[")) }
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                try append(bytes, value, known.form, to: &output)
            }
            if known.isRepeated { output.append(UInt8(ascii: "]")) }
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func append(
        _ bytes: Span<UInt8>, _ value: Found, _ form: OTLPShape.Form, to output: inout [UInt8]
    ) throws(WireFailure) {
        switch (form, value) {
        case (.flag, .number(let number)):
            output.append(contentsOf: (number == 0 ? "false" : "true").utf8)
        case (.small, .number(let number)): output.append(contentsOf: String(number).utf8)
        case (.signed, .number(let number)):
            output.append(contentsOf: "\"\(Int64(bitPattern: number))\"".utf8)
        case (.unsigned, .number(let number)):
            output.append(contentsOf: "\"\(number)\"".utf8)
        case (.double, .number(let number)):
            JSONText.appendDouble(Double(bitPattern: number), to: &output)
        case (.text, .content(let range)):
            JSONText.appendString(bytes.extracting(range), to: &output)
        case (.id, .content(let range)):
            output.append(UInt8(ascii: "\""))
            for index in range {
                output.append(Hex.digit(bytes[index] >> 4))
                output.append(Hex.digit(bytes[index] & 15))
            }
            output.append(UInt8(ascii: "\""))
        case (.unsignedList, .content(let range)), (.doubleList, .content(let range)):
            var cursor = ProtoCursor(range)
            var isFirst = true
            while cursor.position < range.upperBound {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                let number = Found.number(try cursor.fixed64(bytes))
                try append(
                    bytes, number, form == .doubleList ? .double : .unsigned, to: &output)
            }
        case (.message(let shape), .content(let range)):
            try append(bytes, ProtoCursor(range), shape(), to: &output)
        default: output.append(contentsOf: "null".utf8)
        }
    }
}
