import Foundation

/// Whether tests that go through very many cases go through all of them.
///
/// `PERCH_TEST_LONG=1` asks for that; without it they take a part, chosen so that every kind of case
/// is met, and a run of all tests stays short.
package enum LongRun {
    package static let isAsked = ProcessInfo.processInfo.environment["PERCH_TEST_LONG"] == "1"
}
