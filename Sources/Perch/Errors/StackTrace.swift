#if canImport(Runtime)
    import Runtime
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

        /// The calls, the innermost first, without those inside the SDK, and what the compiler says
        /// of its trap, such as `Index out of range`.
        ///
        /// It reads debug information of programs: not for the path of a request.
        func readable(_ rules: FrameRules) -> (frames: [StackFrame], failure: String?) {
            guard let backtrace else { return ([], nil) }
            guard isReadable, let readable = backtrace.symbolicated() else {
                return (backtrace.frames.compactMap(Self.bare), nil)
            }
            var frames: [StackFrame] = []
            var isOutside = false
            for captured in readable.frames {
                guard let frame = Self.frame(captured, backtrace.images, rules) else { continue }
                isOutside = isOutside || !FrameRules.isSDK(frame.module)
                if isOutside { frames.append(frame) }
            }
            guard let symbol = readable.frames.first?.symbol, symbol.isSwiftRuntimeFailure else {
                return (frames, nil)
            }
            return (frames, symbol.name.split(separator: ": ", maxSplits: 1).last.map(String.init))
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
            _ captured: SymbolicatedBacktrace.Frame, _ images: ImageMap?, _ rules: FrameRules
        ) -> StackFrame? {
            // Thunks and traps are the compiler's; the call that they belong to follows.
            guard !captured.isSwiftThunk, !captured.isSwiftRuntimeFailure,
                let address = address(of: captured.captured)
            else { return nil }
            var frame = StackFrame(function: captured.symbol?.name)
            frame.address = address
            if let images,
                let place = images.indexOfImage(at: captured.captured.adjustedProgramCounter)
            {
                frame.image = images[place].path
            }
            guard let symbol = captured.symbol else { return frame }
            frame.module = MangledName.module(of: symbol.rawName)
            if let place = symbol.sourceLocation, !place.path.hasSuffix("<compiler-generated>") {
                frame.file = place.path
                // Line 0 stands for code of no line.
                frame.line = place.line > 0 ? place.line : nil
                frame.column = place.line > 0 && place.column > 0 ? place.column : nil
            }
            frame.isInApp = rules.isInApp(frame)
            return frame
        }
    #else
        static var program: String? { nil }
        static func prepare() {}
        static func current() -> StackTrace { StackTrace() }
        func readable(_ rules: FrameRules) -> (frames: [StackFrame], failure: String?) { ([], nil) }
        var addresses: [UInt64] { [] }
    #endif
}
