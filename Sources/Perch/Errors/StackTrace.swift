#if canImport(Runtime)
    import Runtime
    import Synchronization
#endif
#if canImport(Glibc)
    // The runtime's own library needs it where everything is linked into one file.
    import Glibc
#endif

/// Return addresses of a call, taken quickly, and made readable later, elsewhere.
struct StackTrace: Sendable {
    #if canImport(Runtime)
        private let backtrace: Backtrace?
        /// Whether the modules that it names are those on disk.
        private let isReadable: Bool

        init(_ backtrace: Backtrace?, isReadable: Bool = true) {
            self.backtrace = backtrace
            self.isReadable = isReadable
        }

        /// The modules of this process; a library that is loaded later has no names.
        private static let images = ImageMap.capture()

        /// Looks at the modules, which takes longer than all of ``current()``, ahead of time.
        static func prepare() { _ = images }

        /// The path of the program, which is loaded below all libraries.
        static var program: String? { images.first?.path }

        /// The stack of the caller.
        @inline(never)
        static func current() -> StackTrace {
            StackTrace(
                try? Backtrace.capture(
                    limit: ErrorLimits.framesMax, top: ErrorLimits.outerFramesMax, images: images))
        }

        /// The stack of a throw.
        static func of(_ site: ThrowSite) -> StackTrace { site.trace(images) }

        /// The calls, the innermost first, without those inside the SDK, and what the compiler says
        /// of its trap, such as `Index out of range`.
        ///
        /// It reads debug information of programs: not for the path of a request.
        func readable(_ rules: FrameRules) -> (frames: [StackFrame], failure: String?) {
            guard let backtrace else { return ([], nil) }
            guard isReadable else { return (backtrace.frames.compactMap(Self.bare), nil) }
            var frames: [StackFrame] = []
            var failure: String?
            var isOutside = false
            for (index, captured) in backtrace.frames.enumerated() {
                guard let bare = Self.bare(captured) else { continue }
                let (image, places) = Self.places(captured, backtrace.images)
                if index == 0 { failure = places.first?.name.flatMap(Self.failure) }
                for place in places.isEmpty ? [CodePlace()] : places {
                    guard let frame = Self.frame(place, bare, image, rules) else { continue }
                    isOutside = isOutside || !FrameRules.isSDK(frame.module)
                    if isOutside { frames.append(frame) }
                }
            }
            return (frames, failure)
        }

        /// The function that stands at an address, as the linker knows it.
        static func name(of captured: Backtrace.Frame, _ images: ImageMap?) -> String? {
            places(captured, images).places.last?.name
        }

        private static func places(
            _ captured: Backtrace.Frame, _ images: ImageMap?
        ) -> (image: String?, places: [CodePlace]) {
            guard let images, let address = address(of: captured),
                let index = images.indexOfImage(at: captured.adjustedProgramCounter),
                let path = images[index].path, let base = UInt64(images[index].baseAddress)
            else { return (nil, []) }
            let places = Symbolizer.shared.withLock {
                $0.places(of: address, path: path, base: base)
            }
            return (path, places)
        }

        /// What the compiler says of a trap, by the name that it gives to it.
        private static func failure(_ name: String) -> String? {
            let start = "Swift runtime failure: "
            return name.hasPrefix(start) ? String(name.dropFirst(start.count)) : nil
        }

        /// The addresses, by which stacks are known again.
        var addresses: [UInt64] { backtrace?.frames.compactMap(Self.address) ?? [] }

        private static func bare(_ frame: Backtrace.Frame) -> StackFrame? {
            guard let address = address(of: frame) else { return nil }
            var bare = StackFrame(function: nil)
            bare.address = address
            return bare
        }

        private static func address(of frame: Backtrace.Frame) -> UInt64? {
            switch frame {
            case .programCounter, .returnAddress, .asyncResumePoint:
                UInt64(frame.adjustedProgramCounter)
            default: nil
            }
        }

        private static func frame(
            _ place: CodePlace, _ bare: StackFrame, _ image: String?, _ rules: FrameRules
        ) -> StackFrame? {
            var frame = bare
            frame.image = image
            guard let name = place.name else { return frame }
            let symbol = SymbolicatedBacktrace.Symbol(
                imageIndex: 0, imageName: "", rawName: name, offset: 0, sourceLocation: nil)
            // Thunks and traps are the compiler's; the call that they belong to follows.
            guard failure(name) == nil, !symbol.isSwiftThunk else { return nil }
            frame.function = symbol.name
            frame.module = MangledName.module(of: name)
            if let file = place.file, !file.hasSuffix("<compiler-generated>") {
                frame.file = file
                // Line 0 stands for code of no line.
                frame.line = place.line.flatMap { $0 > 0 ? $0 : nil }
                frame.column = frame.line == nil ? nil : place.column.flatMap { $0 > 0 ? $0 : nil }
            }
            frame.isInApp = rules.isInApp(frame)
            return frame
        }
    #else
        static var program: String? { nil }
        static func prepare() {}
        static func current() -> StackTrace { StackTrace() }
        static func of(_ site: ThrowSite) -> StackTrace { StackTrace() }
        func readable(_ rules: FrameRules) -> (frames: [StackFrame], failure: String?) { ([], nil) }
        var addresses: [UInt64] { [] }
    #endif
}
