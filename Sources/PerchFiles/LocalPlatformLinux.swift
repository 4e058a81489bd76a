#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #elseif canImport(Musl)
        import Musl
    #endif

    /// The calls that differ between systems, as Linux has them.
    enum LocalPlatform {
        /// Reserves room and lengthens the file with zeros; the error number, or 0.
        static func preallocate(_ descriptor: Int32, byteCount: Int) -> Int32 {
            // Where the file system cannot, glibc touches every block instead: slow, but a log does
            // it once a file.
            posix_fallocate(descriptor, 0, off_t(byteCount))
        }

        /// Makes content and size durable: 0, or -1 with `errno`.
        static func syncData(_ descriptor: Int32) -> Int32 { fdatasync(descriptor) }

        /// Makes everything about a file or folder durable: 0, or -1 with `errno`.
        static func syncFully(_ descriptor: Int32) -> Int32 { fsync(descriptor) }
    }
#endif
