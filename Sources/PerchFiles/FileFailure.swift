/// Why a file operation failed.
package struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller may want to tell apart.
    ///
    /// More may come.
    package struct Code: Sendable, Hashable {
        private let name: StaticCode

        private enum StaticCode {
            case notFound, exists, noSpace, denied, locked, unsupported, newerFormat, foreign, other
        }

        /// There is no such file or folder.
        package static let notFound = Code(name: .notFound)
        /// The file to create is there already.
        package static let exists = Code(name: .exists)
        /// The file system is full, or a quota is reached.
        package static let noSpace = Code(name: .noSpace)
        /// The rights do not suffice.
        package static let denied = Code(name: .denied)
        /// Somebody else holds the lock.
        package static let locked = Code(name: .locked)
        /// The file system cannot do this.
        package static let unsupported = Code(name: .unsupported)
        /// A newer version of Perch wrote the file; it is left as it is.
        package static let newerFormat = Code(name: .newerFormat)
        /// The file is intact but of another store; it is left as it is.
        package static let foreign = Code(name: .foreign)
        /// Anything else, an I/O error above all.
        package static let other = Code(name: .other)
    }

    /// What kind of failure it is.
    package let code: Code
    /// What was tried, on which file, and what the system said; for a person.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
