#if canImport(Runtime)
    import FoundationEssentials
    import Runtime
#endif
import PerchModel

/// The stack of a process that is gone, made readable by the program that it was.
struct CrashStack {
    #if canImport(Runtime)
        /// The modules of this process, as text that another one reads.
        static var images: String {
            guard let bytes = try? JSONEncoder().encode(ImageMap.capture()) else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Addresses of calls and, after the call that they wait for, of those who wait.
        static func trace(_ story: CrashStory) -> (trace: StackTrace, images: [BinaryImage]) {
            guard
                let images = try? JSONDecoder().decode(
                    ImageMap.self, from: Data(story.images.utf8))
            else { return (StackTrace(nil), []) }
            let modules = images.compactMap { image -> BinaryImage? in
                guard let path = image.path, let start = UInt64(image.baseAddress),
                    let end = UInt64(image.endOfText)
                else { return nil }
                return BinaryImage(
                    path: path, buildID: image.uniqueID.map(Hex.encode), start: start, end: end)
            }
            let stack = story.stack
            guard let plain = Backtrace.of(stack, waiters: [], images) else {
                return (StackTrace(nil), modules)
            }
            // Programs that were replaced since have other functions at these addresses.
            guard isProgram(images) else { return (StackTrace(plain, isReadable: false), modules) }
            return (StackTrace(withWaiters(plain, stack, story, images)), modules)
        }

        /// Whether the program of the dead process is the one that runs now.
        private static func isProgram(_ images: ImageMap) -> Bool {
            guard let old = images.first, let now = ImageMap.capture().first else { return false }
            return old.path == now.path && old.uniqueID == now.uniqueID
        }

        /// After the first asynchronous function, its waiters: below it in memory stands only
        /// who runs tasks.
        private static func withWaiters(
            _ plain: Backtrace, _ stack: [UInt64], _ story: CrashStory, _ images: ImageMap
        ) -> Backtrace {
            for (index, frame) in plain.frames.enumerated() where index < stack.count {
                guard let name = StackTrace.name(of: frame, images), isAsynchronous(name),
                    let place = story.frames.firstIndex(of: stack[index]),
                    let waiters = story.waiters[place]
                else { continue }
                return Backtrace.of(Array(stack[...index]), waiters: waiters, images) ?? plain
            }
            return plain
        }

        /// Whether a function goes on after a wait: `TY` or `TQ`, and a number.
        ///
        /// Source: the Swift project's document on mangling.
        static func isAsynchronous(_ name: String) -> Bool {
            guard name.last == "_" else { return false }
            var rest = name.dropLast()
            while rest.last?.isNumber == true { rest.removeLast() }
            return rest.hasSuffix("TY") || rest.hasSuffix("TQ")
        }
    #else
        static var images: String { "" }

        static func trace(_ story: CrashStory) -> (trace: StackTrace, images: [BinaryImage]) {
            (StackTrace(), [])
        }
    #endif
}
