#if canImport(Runtime)
    import FoundationEssentials
    import Runtime

    extension Backtrace {
        /// A backtrace out of addresses, by way of the runtime's own text form of one.
        ///
        /// `beginsInside` when the first address is that of an instruction, not of a return.
        /// Source: the Swift project, "Compact Backtrace Format".
        static func of(
            _ stack: [UInt64], waiters: [UInt64], _ images: ImageMap, beginsInside: Bool = true
        ) -> Backtrace? {
            // Version 0, words of 8 bytes.
            var bytes: [UInt8] = [2]
            for (index, address) in stack.enumerated() {
                // An absolute address of 8 bytes: of the instruction, or where a call returns.
                bytes.append(index == 0 && beginsInside ? 0x1f : 0x2f)
                bytes += address.bigEndianBytes
            }
            for address in waiters {
                bytes.append(0x3f)
                bytes += address.bigEndianBytes
            }
            bytes.append(0)
            let text = Data(bytes).base64EncodedString()
            let json = "{\"architecture\":\"\(architecture)\",\"backtrace\":\"\(text)\"}"
            var backtrace = try? JSONDecoder().decode(Backtrace.self, from: Data(json.utf8))
            backtrace?.images = images
            return backtrace
        }

        private static var architecture: String {
            #if arch(x86_64)
                "x86_64"
            #elseif arch(arm64)
                "arm64"
            #else
                ""
            #endif
        }
    }
#endif
