import PerchDashboards
import Testing

@Suite struct MarkdownTests {
    @Test(arguments: [
        ("# A *b*", [Markdown.Block.heading(level: 1, [.text("A "), .emphasis([.text("b")])])]),
        ("a\nb", [.paragraph([.text("a"), .text(" "), .text("b")])]),
        (
            "**a** `b` ~~c~~",
            [
                .paragraph([
                    .strong([.text("a")]), .text(" "), .code("b"), .text(" "),
                    .struck([.text("c")]),
                ])
            ]
        ),
        ("[a](https://x.y/z)", [.paragraph([.link([.text("a")], address: "https://x.y/z")])]),
        ("[a](javascript:x)", [.paragraph([.text("[a](javascript:x)")])]),
        ("![a](/x.png)", [.paragraph([.image("a", address: "/x.png")])]),
        ("<script>alert(1)</script>", [.paragraph([.text("<script>alert(1)</script>")])]),
        (
            "see https://a.b/c.",
            [
                .paragraph([
                    .text("see "), .link([.text("https://a.b/c")], address: "https://a.b/c"),
                    .text("."),
                ])
            ]
        ),
        (
            "- a\n- b\n  - c",
            [
                .list(
                    isOrdered: false,
                    items: [
                        [.paragraph([.text("a")])],
                        [
                            .paragraph([.text("b")]),
                            .list(isOrdered: false, items: [[.paragraph([.text("c")])]]),
                        ],
                    ])
            ]
        ),
        (
            "1. a\n2. b",
            [
                .list(
                    isOrdered: true,
                    items: [[.paragraph([.text("a")])], [.paragraph([.text("b")])]])
            ]
        ),
        ("```sh\na < b\n```", [.code("a < b", language: "sh")]),
        ("> a", [.quote([.paragraph([.text("a")])])]),
        ("---", [.rule]),
        (
            "| a | b |\n|---|:-:|\n| 1 | *2* |",
            [
                .table(
                    header: [[.text("a")], [.text("b")]],
                    rows: [[[.text("1")], [.emphasis([.text("2")])]]])
            ]
        ),
        (
            "snake_case_word 2*3*4",
            [.paragraph([.text("snake_case_word 2"), .emphasis([.text("3")]), .text("4")])]
        ),
        (#"\*a\*"#, [.paragraph([.text("*"), .text("a"), .text("*")])]),
    ])
    func aBlock(_ text: String, _ blocks: [Markdown.Block]) {
        #expect(Markdown.blocks(text) == blocks)
    }

    @Test(arguments: ["*", "[", "`", "> ", "- ", "[a](", "**a", "~~", "| "])
    func manyMarksCostLittle(_ mark: String) {
        #expect(!Markdown.blocks(String(repeating: mark, count: 20_000)).isEmpty)
    }
}
