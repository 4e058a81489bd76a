/// What queries written for VictoriaMetrics use and PromQL does not have.
///
/// Only its names are known, so that who brings such a query hears what it is and what to write.
enum MetricsQL {
    /// What is said of a function; nil for a name that is not one of MetricsQL's.
    static func explanation(function name: String) -> String? {
        let name = name.lowercased()
        if name == "with" {
            return
                "WITH templates are of MetricsQL, which Perch does not have; write the expression "
                + "out where the template is used"
        }
        guard let instead = functions[name] ?? family(name) else { return nil }
        let words = "\(GoText.quote(name)) is a function of MetricsQL, which Perch does not have"
        return instead.isEmpty ? words : words + "; in PromQL: \(instead)"
    }

    /// What is said of a word between expressions.
    static func explanation(word: String) -> String? {
        guard let instead = words[word.lowercased()] else { return nil }
        return "\(GoText.quote(word)) is an operator of MetricsQL, which Perch does not have; "
            + "in PromQL: \(instead)"
    }

    /// Names that are made of two: `topk_max`, `bottomk_last`, `running_sum`, `range_avg`.
    private static func family(_ name: String) -> String? {
        for prefix in ["topk", "bottomk"] where name.hasPrefix(prefix + "_") {
            switch name.dropFirst(prefix.count + 1) {
            case "avg", "max", "min", "last":
                let over = name.dropFirst(prefix.count + 1)
                return "\(prefix)(k, \(over)_over_time(x[range])), asked at the end of the range, "
                    + "says which series to show"
            case "median": return "\(prefix)(k, quantile_over_time(0.5, x[range]))"
            default: return nil
            }
        }
        if name.hasPrefix("running_") {
            let kind = name.dropFirst(8)
            return ["avg", "max", "min", "sum"].contains(kind)
                ? "\(kind)_over_time(x[range:step]) looks back over a fixed time" : nil
        }
        if name.hasPrefix("range_") {
            switch name.dropFirst(6) {
            case "avg", "max", "min", "sum", "last", "first", "stddev", "stdvar", "mad":
                return "\(name.dropFirst(6))_over_time(x[range:step] @ end())"
            case "median": return "quantile_over_time(0.5, x[range:step] @ end())"
            case "quantile": return "quantile_over_time(phi, x[range:step] @ end())"
            case "linear_regression", "normalize", "trim_outliers", "trim_spikes", "trim_zscore",
                "zscore":
                return ""
            default: return nil
            }
        }
        return nil
    }

    private static let words: [String: String] = [
        "default": "a or b",
        "if": "a and b",
        "ifnot": "a unless b",
        "keep_metric_names": "label_replace(…) puts a name back",
    ]

    private static let functions: [String: String] = [
        "aggr_over_time": "one function over time a query",
        "alias": "a legend, or label_replace(x, \"__name__\", \"name\", \"\", \"\")",
        "any": "min by (…) (x), where all are alike",
        "ascent_over_time": "sum_over_time(clamp_min(delta(x[step]), 0)[range:step])",
        "bitmap_and": "", "bitmap_or": "", "bitmap_xor": "",
        "buckets_limit": "sum by (le) (x{le=~\"…\"})",
        "changes_prometheus": "changes(x[range])",
        "count_eq_over_time": "count_over_time((x == value)[range:step])",
        "count_gt_over_time": "count_over_time((x > value)[range:step])",
        "count_le_over_time": "count_over_time((x <= value)[range:step])",
        "count_ne_over_time": "count_over_time((x != value)[range:step])",
        "count_values_over_time": "count_values(\"label\", x) at each step",
        "decreases_over_time": "",
        "default_rollup": "last_over_time(x[range])",
        "delta_prometheus": "delta(x[range])",
        "deriv_fast": "(x - x offset range) / seconds of it",
        "descent_over_time": "sum_over_time(clamp_max(delta(x[step]), 0)[range:step])",
        "distinct": "count(count_values(\"v\", x))",
        "distinct_over_time": "",
        "drop_common_labels": "sum by (…) (x) with the labels that differ",
        "drop_empty_series": "x > -Inf",
        "duration_over_time": "count_over_time(x[range]) by the scrape's interval",
        "geomean": "exp(avg by (…) (ln(x)))",
        "geomean_over_time": "exp(avg_over_time(ln(x)[range:step]))",
        "histogram": "", "histogram_over_time": "", "hoeffding_bound_lower": "",
        "hoeffding_bound_upper": "", "histogram_share": "histogram_fraction(lower, upper, x)",
        "ideriv": "idelta(x[range]) / the scrape's interval",
        "increase_prometheus": "increase(x[range])", "increase_pure": "increase(x[range])",
        "increases_over_time": "sum_over_time((x > bool x offset step)[range:step])",
        "integrate": "sum_over_time(x[range:step]) * step",
        "interpolate": "", "iqr_over_time": "", "keep_last_value": "last_over_time(x[range])",
        "keep_next_value": "", "label_copy": replacement, "label_del": "sum without (label) (x)",
        "label_graphite_group": replacement, "label_keep": "sum by (label) (x)",
        "label_lowercase": "", "label_map": replacement, "label_match": "x{label=~\"…\"}",
        "label_mismatch": "x{label!~\"…\"}", "label_move": replacement,
        "label_set": "label_replace(x, \"label\", \"value\", \"\", \"\")",
        "label_transform": replacement, "label_uppercase": "", "label_value": "",
        "labels_equal": "", "lag": "time() - timestamp(x)", "lifetime": "",
        "limit_offset": "limitk(n, x)",
        "mad": "", "median": "quantile(0.5, x)",
        "median_over_time": "quantile_over_time(0.5, x[range])",
        "mode": "", "mode_over_time": "", "now": "time()", "outlier_iqr_over_time": "",
        "outliers_iqr": "", "outliers_mad": "", "outliersk": "",
        "prometheus_buckets": "x_bucket with the label le", "quantiles": "quantile(phi, x) each",
        "quantiles_over_time": "quantile_over_time(phi, x[range]) each",
        "rand": "", "rand_exponential": "", "rand_normal": "",
        "rate_over_sum": "sum_over_time(x[range]) / seconds of it",
        "rate_prometheus": "rate(x[range])", "remove_resets": "",
        "resets_prometheus": "resets(x[range])",
        "rollup": "min_over_time, max_over_time and avg_over_time(x[range])",
        "rollup_candlestick": "first_, last_, min_ and max_over_time(x[range])",
        "rollup_delta": "delta(x[range])", "rollup_deriv": "deriv(x[range])",
        "rollup_increase": "increase(x[range])", "rollup_rate": "rate(x[range])",
        "rollup_scrape_interval": "", "ru": "", "scrape_interval": "",
        "share": "x / ignoring (label) group_left () sum without (label) (x)",
        "share_eq_over_time": "avg_over_time((x == bool value)[range:step])",
        "share_gt_over_time": "avg_over_time((x > bool value)[range:step])",
        "share_le_over_time": "avg_over_time((x <= bool value)[range:step])",
        "smooth_exponential": "double_exponential_smoothing(x[range], sf, tf)",
        "sort_by_label_numeric": "sort_by_label(x, \"label\")",
        "sort_by_label_numeric_desc": "sort_by_label_desc(x, \"label\")",
        "stale_samples_over_time": "", "sum2": "sum by (…) (x * x)",
        "sum2_over_time": "sum_over_time((x * x)[range:step])",
        "sum_eq_over_time": "sum_over_time((x == value)[range:step])",
        "sum_gt_over_time": "sum_over_time((x > value)[range:step])",
        "sum_le_over_time": "sum_over_time((x <= value)[range:step])",
        "tfirst_over_time": "ts_of_first_over_time(x[range])",
        "timestamp_with_name": "timestamp(x)", "timezone_offset": "", "ttf": "",
        "range_over_time": "max_over_time(x[range]) - min_over_time(x[range])",
        "tlast_change_over_time": "", "tlast_over_time": "ts_of_last_over_time(x[range])",
        "tmax_over_time": "ts_of_max_over_time(x[range])",
        "tmin_over_time": "ts_of_min_over_time(x[range])",
        "union": "a or b", "zscore": "",
        "zscore_over_time": "(x - avg_over_time(x[range])) / stddev_over_time(x[range])",
    ]

    private static let replacement = "label_replace(x, \"to\", \"$1\", \"from\", \"(.*)\")"
}
