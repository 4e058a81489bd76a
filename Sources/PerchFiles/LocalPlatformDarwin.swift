#if canImport(Darwin)
    import Darwin

    /// The calls that differ between systems, as Darwin has them.
    enum LocalPlatform {
        /// Reserves room and lengthens the file with zeros; the error number, or 0.
        static func preallocate(_ descriptor: Int32, byteCount: Int) -> Int32 {
            var request = fstore_t(
                fst_flags: UInt32(F_ALLOCATEALL), fst_posmode: F_PEOFPOSMODE, fst_offset: 0,
                fst_length: off_t(byteCount), fst_bytesalloc: 0)
            // Safe: the pointer is to a local for the length of the call.
            guard unsafe fcntl(descriptor, F_PREALLOCATE, &request) == 0 else { return errno }
            return ftruncate(descriptor, off_t(byteCount)) == 0 ? 0 : errno
        }

        /// Makes content and size durable: 0, or -1 with `errno`.
        static func syncData(_ descriptor: Int32) -> Int32 { syncFully(descriptor) }

        /// Makes everything about a file or folder durable: 0, or -1 with `errno`.
        ///
        /// fsync leaves the drive's own cache alone here, so the full one is asked for first; some
        /// file systems do not have it.
        static func syncFully(_ descriptor: Int32) -> Int32 {
            fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
        }
    }
#endif
