import Synchronization

/// Tells which functions, files and lines stand at addresses of programs and libraries.
///
/// What it reads of a file it keeps: the first look at a program costs milliseconds, further ones
/// microseconds.
final class Symbolizer {
    /// One for the process: all its parts have the same programs and libraries.
    static let shared = Mutex(Symbolizer())

    private var images: [String: ObjectImage?] = [:]

    private init() {}

    /// The calls at an address, the innermost first; empty when nothing is known of it.
    ///
    /// `base` is where the image was loaded.
    func places(of address: UInt64, path: String, base: UInt64) -> [CodePlace] {
        guard address >= base, let image = image(path) else { return [] }
        return image.places(at: address - base)
    }

    private func image(_ path: String) -> ObjectImage? {
        if let known = images[path] { return known }
        if images.count >= SymbolLimits.imagesMax { images = [:] }
        let image = ObjectImage(path: path)
        images[path] = .some(image)
        return image
    }
}
