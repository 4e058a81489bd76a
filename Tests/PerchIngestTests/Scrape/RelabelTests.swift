import PerchModel
import Testing

@testable import PerchIngest

/// From Prometheus' own tests of relabeling (model/relabel/relabel_test.go) and its documentation.
@Suite struct RelabelTests {
    static func rule(_ change: (inout RelabelRule.Source) -> Void) throws -> RelabelRule {
        var source = RelabelRule.Source()
        change(&source)
        return try RelabelRule(source)
    }

    /// The labels as `name=value`, or nil when they are dropped.
    static func relabel(_ pairs: [String: String], _ rules: [RelabelRule]) -> [String: String]? {
        var labels = LabelSet(pairs.map { ($0.key, $0.value) })
        guard rules.apply(to: &labels) else { return nil }
        return Dictionary(uniqueKeysWithValues: labels.sorted.map { ($0.name, $0.value) })
    }

    static let abc = ["a": "foo", "b": "bar", "c": "baz"]

    @Test(
        arguments: [
            (["a"], "f(.*)", "d", "ch${1}-ch${1}", ["d": "choo-choo"]),
            (["a", "b"], "f(.*);(.*)r", "a", "b${1}${2}m", ["a": "boobam"]),
            (["a"], "no-match", "d", "x", [:]), (["a"], "f(.*)", "${1}", "x", ["oo": "x"]),
            (["a"], ".*", "b", "", ["b": ""]), (["missing"], "", "d", "set", ["d": "set"]),
            (["a"], "(.*)", "$1", "v", ["foo": "v"]), (["a"], "(.*)", "d", "$2", [:]),
            (["a"], "foo", "a_$1", "v", ["a_": "v"]),
            ([], "(.*)", "job", "fixed", ["job": "fixed"]),
            (["a"], "f", "d", "x", [:]), (["a"], "(.*)", "ünï", "v", ["ünï": "v"]),
        ] as [([String], String, String, String, [String: String])])
    func replace(
        _ sources: [String], _ regex: String, _ target: String, _ replacement: String,
        _ changed: [String: String]
    ) throws {
        let rule = try Self.rule {
            $0.sourceLabels = sources
            $0.regex = regex
            $0.targetLabel = target
            $0.replacement = replacement
        }
        let expected = Self.abc.merging(changed) { $1 }.filter { !$0.value.isEmpty }
        #expect(Self.relabel(Self.abc, [rule]) == expected)
    }

    @Test(arguments: [
        ("keep", "f.*", true), ("keep", "f", false), ("drop", "f.*", false), ("drop", "o", true),
    ])
    func keepAndDrop(_ action: String, _ regex: String, _ isKept: Bool) throws {
        let rule = try Self.rule {
            $0.action = action
            $0.sourceLabels = ["a"]
            $0.regex = regex
        }
        #expect((Self.relabel(Self.abc, [rule]) != nil) == isKept)
    }

    @Test(arguments: [
        ("keepequal", "a", true), ("keepequal", "b", false), ("dropequal", "a", false),
        ("dropequal", "b", true),
    ])
    func keepAndDropEqual(_ action: String, _ target: String, _ isKept: Bool) throws {
        let rule = try Self.rule {
            $0.action = action
            $0.sourceLabels = ["x"]
            $0.targetLabel = target
        }
        let labels = ["x": "foo", "a": "foo", "b": "bar"]
        #expect((Self.relabel(labels, [rule]) != nil) == isKept)
    }

    /// The values of Prometheus' tests.
    @Test(
        arguments: [
            ("baz", 1_000, "976"), ("foo", 1_000, "696"), ("foo\nbar", 1_000, "734"),
        ] as [(String, UInt64, String)])
    func hashmod(_ value: String, _ modulus: UInt64, _ shard: String) throws {
        let rule = try Self.rule {
            $0.action = "hashmod"
            $0.sourceLabels = ["c"]
            $0.targetLabel = "d"
            $0.modulus = modulus
        }
        #expect(Self.relabel(["c": value], [rule])?["d"] == shard)
    }

    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
        (
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"
        ),
    ])
    func md5AsInItsRFC(_ text: String, _ sum: String) {
        let bytes = MD5.sum(Array(text.utf8))
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(hex == sum)
    }

    @Test func labelActions() throws {
        let map = try Self.rule {
            $0.action = "labelmap"
            $0.regex = "(b.*)"
            $0.replacement = "bar_${1}"
        }
        let labels = ["a": "foo", "b1": "bar", "b2": "baz"]
        #expect(
            Self.relabel(labels, [map])
                == labels.merging(["bar_b1": "bar", "bar_b2": "baz"]) { $1 })
        let drop = try Self.rule {
            $0.action = "labeldrop"
            $0.regex = "(b.*)"
        }
        #expect(Self.relabel(labels, [drop]) == ["a": "foo"])
        let keep = try Self.rule {
            $0.action = "LabelKeep"
            $0.regex = "(b.*)"
        }
        #expect(Self.relabel(labels, [keep]) == ["b1": "bar", "b2": "baz"])
    }

    @Test func caseActions() throws {
        let lower = try Self.rule {
            $0.action = "lowercase"
            $0.sourceLabels = ["a"]
            $0.targetLabel = "l"
        }
        let upper = try Self.rule {
            $0.action = "uppercase"
            $0.sourceLabels = ["a"]
            $0.targetLabel = "u"
        }
        let labels = try #require(Self.relabel(["a": "bAr123Foo"], [lower, upper]))
        #expect(labels["l"] == "bar123foo")
        #expect(labels["u"] == "BAR123FOO")
    }

    @Test func rulesFollowEachOther() throws {
        let first = try Self.rule {
            $0.sourceLabels = ["a"]
            $0.targetLabel = "b"
        }
        let second = try Self.rule {
            $0.action = "drop"
            $0.sourceLabels = ["b"]
            $0.regex = "foo"
        }
        #expect(Self.relabel(["a": "foo", "b": "x"], [first, second]) == nil)
        #expect(
            Self.relabel(["a": "bar", "b": "x"], [first, second]) == ["a": "bar", "b": "bar"])
    }

    @Test func mistakes() {
        let cases: [((inout RelabelRule.Source) -> Void, String)] = [
            ({ $0.action = "hop" }, "unknown relabel action \"hop\""),
            ({ _ in }, "relabel configuration for replace action requires 'target_label' value"),
            (
                {
                    $0.action = "hashmod"
                    $0.targetLabel = "d"
                }, "relabel configuration for hashmod requires non-zero modulus"
            ),
            (
                {
                    $0.action = "keep"
                    $0.regex = "("
                }, "error parsing regexp: missing closing ): `(`"
            ),
            (
                {
                    $0.action = "lowercase"
                    $0.targetLabel = "d"
                    $0.replacement = "x"
                }, "'replacement' can not be set for lowercase action"
            ),
            (
                {
                    $0.action = "labeldrop"
                    $0.targetLabel = "d"
                }, "labeldrop action requires only 'regex', and no other fields"
            ),
            (
                {
                    $0.action = "keepequal"
                    $0.targetLabel = "d"
                    $0.regex = "x"
                },
                "keepequal action requires only 'source_labels' and `target_label`, "
                    + "and no other fields"
            ),
        ]
        for (change, message) in cases {
            let mistake = #expect(throws: RelabelMistake.self) { try Self.rule(change) }
            #expect(mistake?.message == message)
        }
    }
}
