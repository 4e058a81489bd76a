/// Places of services in the map: callers left of those they call, few crossings.
///
/// Circles of calls are broken where a walk from the callers meets them again, so every node has a
/// column; within a column nodes stand near the middle of their neighbours.
struct MapLayout: Sendable, Hashable {
    struct Node: Sendable, Hashable {
        var name: String
        var column: Int
        var row: Int
    }

    struct Edge: Sendable, Hashable {
        var from: Int
        var to: Int
        /// Where the call stands in the list that the layout was made of.
        var call: Int
    }

    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []
    private(set) var columnCount = 0
    private(set) var rowCount = 0

    /// `calls` are pairs of caller and called, the most important first; nodes beyond `nodesMax` are
    /// left out with their calls.
    init(_ calls: [(from: String, to: String)], nodesMax: Int) {
        var indexes: [String: Int] = [:]
        for (index, call) in calls.enumerated() {
            let new = Set([call.from, call.to]).filter { indexes[$0] == nil }
            guard nodes.count + new.count <= nodesMax else { continue }
            for name in [call.from, call.to] where indexes[name] == nil {
                indexes[name] = nodes.count
                nodes.append(Node(name: name, column: 0, row: 0))
            }
            guard let from = indexes[call.from], let to = indexes[call.to] else { continue }
            edges.append(Edge(from: from, to: to, call: index))
        }
        setColumns()
        setRows()
    }

    private mutating func setColumns() {
        var outgoing = [[Int]](repeating: [], count: nodes.count)
        var incoming = [Int](repeating: 0, count: nodes.count)
        for edge in edges where edge.from != edge.to {
            outgoing[edge.from].append(edge.to)
            incoming[edge.to] += 1
        }
        // Depth first from those that nobody calls; an edge back to the path is no step to the right.
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: nodes.count)
        var order: [Int] = []
        var forward = [[Int]](repeating: [], count: nodes.count)
        let starts = nodes.indices.sorted { (incoming[$0], $0) < (incoming[$1], $1) }
        for start in starts where marks[start] == .new {
            // A stack of our own: the depth of a graph from outside is not bounded by ours.
            var stack: [(node: Int, next: Int)] = [(start, 0)]
            marks[start] = .open
            while let top = stack.last {
                guard top.next < outgoing[top.node].count else {
                    marks[top.node] = .done
                    order.append(top.node)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let next = outgoing[top.node][top.next]
                guard marks[next] != .open else { continue }
                forward[top.node].append(next)
                if marks[next] == .new {
                    marks[next] = .open
                    stack.append((next, 0))
                }
            }
        }
        for node in order.reversed() {
            for next in forward[node] {
                nodes[next].column = max(nodes[next].column, nodes[node].column + 1)
            }
        }
        columnCount = (nodes.map(\.column).max() ?? -1) + 1
    }

    private mutating func setRows() {
        var columns = [[Int]](repeating: [], count: columnCount)
        for index in nodes.indices { columns[nodes[index].column].append(index) }
        var neighbours = [[Int]](repeating: [], count: nodes.count)
        for edge in edges where edge.from != edge.to {
            neighbours[edge.from].append(edge.to)
            neighbours[edge.to].append(edge.from)
        }
        for column in columns { place(column) }
        for _ in 0..<4 {
            for column in columns.indices {
                let middles = columns[column].map { node -> Double in
                    let rows = neighbours[node].map { Double(nodes[$0].row) }
                    return rows.isEmpty
                        ? Double(nodes[node].row) : rows.reduce(0, +) / Double(rows.count)
                }
                let sorted = zip(columns[column], middles).sorted {
                    ($0.1, $0.0) < ($1.1, $1.0)
                }
                columns[column] = sorted.map(\.0)
                place(columns[column])
            }
        }
        rowCount = columns.map(\.count).max() ?? 0
    }

    private mutating func place(_ column: [Int]) {
        for (row, node) in column.enumerated() { nodes[node].row = row }
    }
}
