package import PerchModel

/// Writes the answers of Prometheus' HTTP API as JSON.
///
/// Source: prometheus.io, "HTTP API"; numbers and their order of fields as Prometheus 3 has them.
package enum AnswerWriter {
    /// The answer to a query.
    ///
    /// With a limit, at most so many series, and a warning when there are more. With how long it
    /// took, what the query looked at is told as well.
    package static func success(
        _ result: QueryResult, query: String, limit: Int? = nil, tookNanos: Int64? = nil
    ) -> [UInt8] {
        var output: [UInt8] = []
        var warnings = result.annotations.texts(.warning, query: query, max: Limits.annotationsMax)
        let infos = result.annotations.texts(.info, query: query, max: Limits.annotationsMax)
        append(
            #"{"status":"success","data":{"resultType":"\#(result.value.type.rawValue)","#, &output)
        append(#""result":"#, &output)
        let count = appendValue(result.value, limit: limit ?? .max, to: &output)
        if let tookNanos { appendStatistics(result.samples, tookNanos, &output) }
        append("}", &output)
        if count > limit ?? .max { warnings.append("results truncated due to limit") }
        appendTexts("warnings", warnings, &output)
        appendTexts("infos", infos, &output)
        append("}", &output)
        return output
    }

    /// Prometheus' statistics; of its times those that are not measured apart are zero.
    private static func appendStatistics(
        _ samples: QueryResult.SampleCounts, _ nanos: Int64, _ output: inout [UInt8]
    ) {
        let seconds = Double(nanos) / 1_000_000_000
        append(
            #","stats":{"timings":{"evalTotalTime":\#(seconds),"resultSortTime":0,"#
                + #""queryPreparationTime":0,"innerEvalTime":\#(seconds),"execQueueTime":0,"#
                + #""execTotalTime":\#(seconds)},"samples":{"totalQueryableSamples":"#
                + #"\#(samples.read),"peakSamples":\#(samples.peak)}}"#, &output)
    }

    /// The answer to a query that failed.
    package static func failure(_ failure: QueryFailure) -> [UInt8] {
        Self.failure(kind: failure.kind, message: failure.message)
    }

    /// The answer to a request that failed.
    package static func failure(kind: String, message: String) -> [UInt8] {
        var output: [UInt8] = []
        append(#"{"status":"error","errorType":"#, &output)
        JSONText.appendString(kind, to: &output)
        append(#","error":"#, &output)
        JSONText.appendString(message, to: &output)
        append("}", &output)
        return output
    }

    private static func append(_ text: String, _ output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }

    private static func appendTexts(
        _ name: String, _ texts: [String], _ output: inout [UInt8]
    ) {
        guard !texts.isEmpty else { return }
        append(",\"\(name)\":[", &output)
        for (index, text) in texts.enumerated() {
            if index > 0 { append(",", &output) }
            JSONText.appendString(text, to: &output)
        }
        append("]", &output)
    }

    // MARK: Values

    /// Appends what stands under `result`, and answers with how many series there are.
    package static func appendValue(
        _ value: QueryValue, limit: Int, to output: inout [UInt8]
    ) -> Int {
        switch value {
        case .scalar(let number, let time):
            // Only here Prometheus writes no exponents.
            output.append(UInt8(ascii: "["))
            appendTime(time, to: &output)
            append(#","\#(NumberText.plain(number))"]"#, &output)
            return 0
        case .string(let text, let time):
            output.append(UInt8(ascii: "["))
            appendTime(time, to: &output)
            output.append(UInt8(ascii: ","))
            JSONText.appendString(text, to: &output)
            output.append(UInt8(ascii: "]"))
            return 0
        case .vector(let samples):
            appendList(samples.prefix(limit), &output, append)
            return samples.count
        case .matrix(let series):
            appendList(series.prefix(limit), &output, append)
            return series.count
        }
    }

    private static func appendList<Element>(
        _ list: ArraySlice<Element>, _ output: inout [UInt8],
        _ append: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in list {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            append(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func append(_ sample: VectorSample, _ output: inout [UInt8]) {
        append(#"{"metric":"#, &output)
        appendLabels(sample.labels, to: &output)
        if let histogram = sample.histogram {
            append(#","histogram":"#, &output)
            appendPoint(sample.timeMillis, histogram, &output)
        } else {
            append(#","value":"#, &output)
            appendPoint(sample.timeMillis, sample.value, &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func append(_ series: MatrixSeries, _ output: inout [UInt8]) {
        append(#"{"metric":"#, &output)
        appendLabels(series.labels, to: &output)
        if !series.times.isEmpty {
            append(#","values":["#, &output)
            for index in series.times.indices {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                appendPoint(series.times[index], series.values[index], &output)
            }
            output.append(UInt8(ascii: "]"))
        }
        if !series.histogramTimes.isEmpty {
            append(#","histograms":["#, &output)
            for index in series.histogramTimes.indices {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                appendPoint(series.histogramTimes[index], series.histograms[index], &output)
            }
            output.append(UInt8(ascii: "]"))
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends labels as an object, in their order.
    package static func appendLabels(_ labels: Labels, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        labels.forEachPair { name, value in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendString(labels.bytes.span.extracting(name), to: &output)
            output.append(UInt8(ascii: ":"))
            JSONText.appendString(labels.bytes.span.extracting(value), to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends a time as seconds, with its milliseconds only where there are any.
    package static func appendTime(_ millis: Int64, to output: inout [UInt8]) {
        if millis < 0 { output.append(UInt8(ascii: "-")) }
        let magnitude = millis.magnitude
        NumberText.appendWhole(Int64(magnitude / 1_000), to: &output)
        let rest = UInt8(truncatingIfNeeded: magnitude % 1_000 / 100)
        let small = UInt8(truncatingIfNeeded: magnitude % 100)
        guard rest != 0 || small != 0 else { return }
        let zero = UInt8(ascii: "0")
        output.append(UInt8(ascii: "."))
        output.append(zero + rest)
        output.append(zero + small / 10)
        output.append(zero + small % 10)
    }

    private static func appendQuoted(_ value: Double, _ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        NumberText.appendSample(value, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private static func appendPoint(_ time: Int64, _ value: Double, _ output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        appendTime(time, to: &output)
        output.append(UInt8(ascii: ","))
        appendQuoted(value, &output)
        output.append(UInt8(ascii: "]"))
    }

    private static func appendPoint(
        _ time: Int64, _ histogram: NativeHistogram, _ output: inout [UInt8]
    ) {
        output.append(UInt8(ascii: "["))
        appendTime(time, to: &output)
        output.append(UInt8(ascii: ","))
        appendHistogram(histogram, to: &output)
        output.append(UInt8(ascii: "]"))
    }

    /// Appends a native histogram with its buckets that are not empty.
    package static func appendHistogram(
        _ histogram: NativeHistogram, to output: inout [UInt8]
    ) {
        append(#"{"count":"#, &output)
        appendQuoted(histogram.count, &output)
        append(#","sum":"#, &output)
        appendQuoted(histogram.sum, &output)
        var isFirst = true
        for bucket in histogram.allBuckets where bucket.count != 0 {
            append(isFirst ? #","buckets":["# : ",", &output)
            isFirst = false
            // 0: the upper bound belongs to it, 1: the lower one, 2: none, 3: both.
            let kind =
                bucket.includesLower
                ? (bucket.includesUpper ? 3 : 1) : (bucket.includesUpper ? 0 : 2)
            append("[\(kind),", &output)
            appendQuoted(bucket.lower, &output)
            output.append(UInt8(ascii: ","))
            appendQuoted(bucket.upper, &output)
            output.append(UInt8(ascii: ","))
            appendQuoted(bucket.count, &output)
            output.append(UInt8(ascii: "]"))
        }
        append(isFirst ? "}" : "]}", &output)
    }
}
