import PerchModel

/// Where a panel stands on a grid of 24 columns, in cells.
package struct GridPosition: Sendable, Hashable {
    package static let columns = 24

    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.width = min(max(width, 1), Self.columns)
        self.height = min(max(height, 1), 200)
        self.x = min(max(x, 0), Self.columns - self.width)
        self.y = min(max(y, 0), 1_000_000)
    }

    /// `gridPos` of a file; nil when it has none.
    init?(_ json: JSONValue?) {
        guard let json, let width = json.at("w")?.integer, let height = json.at("h")?.integer
        else { return nil }
        self.init(
            x: json.at("x")?.integer ?? 0, y: json.at("y")?.integer ?? 0, width: width,
            height: height)
    }

    package var bottom: Int { y + height }
}

/// Finds places for panels that have none: from left to right, then on a new line.
struct GridFiller {
    private(set) var y: Int
    private var x = 0
    private var lineHeight = 0

    init(y: Int) {
        self.y = y
    }

    mutating func place(width: Int, height: Int) -> GridPosition {
        let width = min(max(width, 1), GridPosition.columns)
        if x + width > GridPosition.columns { endLine() }
        let position = GridPosition(x: x, y: y, width: width, height: height)
        x += width
        lineHeight = max(lineHeight, position.height)
        return position
    }

    mutating func endLine() {
        y += lineHeight
        x = 0
        lineHeight = 0
    }
}
