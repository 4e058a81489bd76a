import PerchModel

/// Fewer buckets for native histograms: neighbours are merged until a job's bounds are kept.
enum HistogramResolution {
    /// Brings histograms within the bounds; false when there are still too many buckets at the
    /// coarsest schema, or when bounds are listed and cannot be merged.
    static func apply(_ formats: ScrapeFormats, to histograms: inout [HistogramSample]) -> Bool {
        guard formats.bucketsMax > 0 || formats.bucketFactorMin > 0 else { return true }
        let schemaMax = schema(factor: formats.bucketFactorMin)
        for index in histograms.indices {
            let isListed = histograms[index].histogram.usesCustomBounds
            if !isListed, histograms[index].histogram.schema > schemaMax {
                reduce(&histograms[index].histogram, to: schemaMax)
            }
            while formats.bucketsMax > 0,
                bucketCount(histograms[index].histogram) > formats.bucketsMax
            {
                let schema = histograms[index].histogram.schema
                guard !isListed, schema > NativeHistogram.exponentialSchemas.lowerBound else {
                    return false
                }
                reduce(&histograms[index].histogram, to: schema - 1)
            }
        }
        return true
    }

    private static func bucketCount(_ histogram: NativeHistogram) -> Int {
        histogram.positiveCounts.count + histogram.negativeCounts.count
    }

    /// The finest schema whose buckets grow by this factor at least.
    private static func schema(factor: Double) -> Int32 {
        let schemas = NativeHistogram.exponentialSchemas
        // Of schema -4; each finer one has the square root.
        var growth = 65_536.0
        var schema = schemas.lowerBound
        while schema < schemas.upperBound, growth.squareRoot() >= factor {
            growth = growth.squareRoot()
            schema += 1
        }
        return schema
    }

    /// Merges buckets so that the histogram has a coarser schema.
    private static func reduce(_ histogram: inout NativeHistogram, to schema: Int32) {
        let shift = Int(histogram.schema - schema)
        guard shift > 0 else { return }
        histogram.schema = schema
        (histogram.positiveSpans, histogram.positiveCounts) = merged(
            histogram.positiveSpans, histogram.positiveCounts, by: shift)
        (histogram.negativeSpans, histogram.negativeCounts) = merged(
            histogram.negativeSpans, histogram.negativeCounts, by: shift)
    }

    private static func merged(
        _ spans: [NativeHistogram.Span], _ counts: [Double], by shift: Int
    ) -> ([NativeHistogram.Span], [Double]) {
        var indexes: [Int] = []
        var sums: [Double] = []
        let old = NativeHistogram.indexes(spans, count: counts.count)
        for (index, count) in zip(old, counts) {
            // Buckets are numbered by their upper bounds.
            let target = ((index - 1) >> shift) + 1
            if indexes.last == target {
                sums[sums.count - 1] += count
            } else {
                indexes.append(target)
                sums.append(count)
            }
        }
        return (NativeHistogram.spans(indexes: indexes), sums)
    }
}
