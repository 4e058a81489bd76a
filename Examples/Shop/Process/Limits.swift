/// The bounds of the demo.
///
/// None of them reaches the disk.
enum Limits {
    static let exportInterval: Duration = .seconds(1)
    static let metricInterval: Duration = .seconds(5)
    static let connectTimeout: Duration = .seconds(5)

    /// What the last flush may take, so that a stop ends within 3 seconds.
    static let flushTimeout: Duration = .seconds(2)

    /// After this a graceful stop becomes a cancellation.
    static let stopTimeout: Duration = .seconds(4)

    /// Open connections to one host, so that a slow provider does not queue visitors in the client.
    static let connectionsPerHostMax = 128

    /// Visitors in the shop at once; further ones stay away.
    static let visitorsMax = 500

    /// What a writer waits for the database before it gives up with "database is locked".
    static let databaseBusySeconds = 1.0

    static let paymentTimeout: Duration = .seconds(3)
    static let inventoryTimeout: Duration = .seconds(2)
    static let visitorTimeout: Duration = .seconds(15)

    /// Jobs that the worker runs at once.
    static let jobsAtOnceMax = 4

    /// Photos that wait for the media worker; further ones are refused.
    static let photosMax = 100

    /// Tries of a job before it becomes a dead letter.
    static let jobAttemptsMax = 4

    /// Orders, carts and finished jobs older than this are removed.
    static let keptSeconds: Int64 = 86_400
}
