package import PerchModel

/// Answers as Prometheus' API writes them.
///
/// Source: Prometheus, "HTTP API", expression query result formats.
extension QueryValue {
    /// Appends `{"resultType":…,"result":…}`.
    package func write(to json: inout JSONWriter) {
        json.raw("{\"resultType\":\"")
        json.raw(bytes: type.rawValue.utf8)
        json.raw("\",\"result\":")
        switch self {
        case .scalar(let value, let millis): AnswerJSON.pair(millis, value, to: &json)
        case .string(let text, let millis):
            json.raw("[")
            AnswerJSON.time(millis, to: &json)
            json.raw(",")
            json.string(text)
            json.raw("]")
        case .vector(let samples):
            AnswerJSON.list(samples, to: &json) { sample, json in
                AnswerJSON.metric(sample.labels, to: &json)
                if let histogram = sample.histogram {
                    json.raw(",\"histogram\":")
                    AnswerJSON.pair(sample.timeMillis, histogram, to: &json)
                } else {
                    json.raw(",\"value\":")
                    AnswerJSON.pair(sample.timeMillis, sample.value, to: &json)
                }
                json.raw("}")
            }
        case .matrix(let series):
            AnswerJSON.list(series, to: &json) { series, json in
                AnswerJSON.append(series, to: &json)
            }
        }
        json.raw("}")
    }
}

/// The parts of which answers consist.
package enum AnswerJSON {
    /// Appends a time: seconds, with three digits after the point unless they are zero.
    package static func time(_ millis: Int64, to json: inout JSONWriter) {
        var bytes: [UInt8] = []
        if millis < 0 { bytes.append(UInt8(ascii: "-")) }
        NumberText.appendWhole(Int64(millis.magnitude / 1_000), to: &bytes)
        let fraction = millis.magnitude % 1_000
        if fraction > 0 {
            bytes.append(UInt8(ascii: "."))
            for digit in [fraction / 100, fraction / 10 % 10, fraction % 10] {
                bytes.append(UInt8(ascii: "0") + UInt8(digit))
            }
        }
        json.raw(bytes: bytes)
    }

    /// Appends a number in quotes, since JSON has no infinity.
    package static func value(_ value: Double, to json: inout JSONWriter) {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        NumberText.appendSample(value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        json.raw(bytes: bytes)
    }

    /// Appends labels as an object.
    package static func labels(_ labels: Labels, to json: inout JSONWriter) {
        json.raw("{")
        for (index, label) in labels.pairs.enumerated() {
            if index > 0 { json.raw(",") }
            json.string(label.name)
            json.raw(":")
            json.string(label.value)
        }
        json.raw("}")
    }

    static func metric(_ labels: Labels, to json: inout JSONWriter) {
        json.raw("{\"metric\":")
        self.labels(labels, to: &json)
    }

    static func list<Element>(
        _ elements: [Element], to json: inout JSONWriter,
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        json.raw("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { json.raw(",") }
            write(element, &json)
        }
        json.raw("]")
    }

    static func pair(_ millis: Int64, _ value: Double, to json: inout JSONWriter) {
        json.raw("[")
        time(millis, to: &json)
        json.raw(",")
        self.value(value, to: &json)
        json.raw("]")
    }

    static func pair(_ millis: Int64, _ histogram: NativeHistogram, to json: inout JSONWriter) {
        json.raw("[")
        time(millis, to: &json)
        json.raw(",{\"count\":")
        value(histogram.count, to: &json)
        json.raw(",\"sum\":")
        value(histogram.sum, to: &json)
        let buckets = histogram.allBuckets.filter { $0.count != 0 }
        if !buckets.isEmpty {
            json.raw(",\"buckets\":")
            list(buckets, to: &json) { append($0, to: &$1) }
        }
        json.raw("}]")
    }

    /// A bucket: which ends belong to it (0 upper, 1 lower, 2 neither, 3 both), its ends, its count.
    private static func append(_ bucket: HistogramBucket, to json: inout JSONWriter) {
        switch (bucket.includesLower, bucket.includesUpper) {
        case (false, true): json.raw("[0,")
        case (true, false): json.raw("[1,")
        case (false, false): json.raw("[2,")
        case (true, true): json.raw("[3,")
        }
        value(bucket.lower, to: &json)
        json.raw(",")
        value(bucket.upper, to: &json)
        json.raw(",")
        value(bucket.count, to: &json)
        json.raw("]")
    }

    static func append(_ series: MatrixSeries, to json: inout JSONWriter) {
        metric(series.labels, to: &json)
        if !series.times.isEmpty {
            json.raw(",\"values\":[")
            for index in series.times.indices {
                if index > 0 { json.raw(",") }
                pair(series.times[index], series.values[index], to: &json)
            }
            json.raw("]")
        }
        if !series.histogramTimes.isEmpty {
            json.raw(",\"histograms\":[")
            for index in series.histogramTimes.indices {
                if index > 0 { json.raw(",") }
                pair(series.histogramTimes[index], series.histograms[index], to: &json)
            }
            json.raw("]")
        }
        json.raw("}")
    }
}
