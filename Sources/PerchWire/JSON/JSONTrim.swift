import PerchModel

/// Shortens arrays and objects of JSON text.
package enum JSONTrim {
    /// Appends a value with the first `elementsMax` elements of each array and object, and how many
    /// more there were; what is no JSON as it is.
    package static func append(_ bytes: Span<UInt8>, elementsMax: Int, to output: inout [UInt8]) {
        let start = output.count
        var reader = JSONReader(bytes.indices)
        do {
            try value(bytes, &reader, elementsMax, depth: 0, &output)
            try reader.finish(bytes)
        } catch {
            output.removeLast(output.count - start)
            output.append(bytes)
        }
    }

    /// Whether this is one value of JSON.
    package static func isJSON(_ bytes: Span<UInt8>) -> Bool {
        var reader = JSONReader(bytes.indices)
        do {
            try reader.skipValue(bytes)
            try reader.finish(bytes)
            return true
        } catch {
            return false
        }
    }

    private static func value(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, _ elementsMax: Int, depth: Int,
        _ output: inout [UInt8]
    ) throws(WireFailure) {
        let kind = try reader.peek(bytes)
        guard kind == .array || kind == .object, depth < Limits.maxDepth else {
            return output.append(bytes.extracting(try reader.skipValue(bytes)))
        }
        let isObject = kind == .object
        output.append(UInt8(ascii: isObject ? "{" : "["))
        var count = 0
        var first = true
        if isObject { try reader.beginObject(bytes) } else { try reader.beginArray(bytes) }
        while true {
            var key: JSONString?
            if isObject {
                key = try reader.nextKey(bytes, &first)
                if key == nil { break }
            } else if try !reader.nextElement(bytes, &first) {
                break
            }
            count += 1
            guard count <= elementsMax else {
                try reader.skipValue(bytes)
                continue
            }
            if count > 1 { output.append(UInt8(ascii: ",")) }
            if let key {
                output.append(UInt8(ascii: "\""))
                output.append(bytes.extracting(key.range))
                output.append(contentsOf: "\":".utf8)
            }
            try value(bytes, &reader, elementsMax, depth: depth + 1, &output)
        }
        if count > elementsMax {
            let more = count - elementsMax
            output.append(
                contentsOf: (isObject ? ",\"…\":\"\(more) more\"" : ",\"… \(more) more\"").utf8)
        }
        output.append(UInt8(ascii: isObject ? "}" : "]"))
    }
}
