import Foundation

/// A pause for code that runs on a thread of the database, where nothing can be awaited.
enum Pause {
    static func block(milliseconds: Int) {
        Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000)
    }
}
