import Crypto
import CryptoExtras
import Foundation
import PerchModel

/// Hashes of secrets, and comparison that tells nothing by its time.
package enum SecretHash {
    /// scrypt's cost: 16 MB and some tens of milliseconds, as RFC 7914 suggests for logins.
    private static let rounds = 1 << 14
    private static let blockSize = 8
    private static let byteCount = 32
    /// What a stored hash may ask for: room for a higher cost later, and for no damaged one.
    private static let memoryMax = 64 << 20

    /// `scrypt$ROUNDS$BLOCK$SALT$HASH`, salt and hash in hex.
    package static func make(_ secret: String) throws -> String {
        let salt = random(byteCount: 16)
        let hash = try derive(secret, salt: salt, rounds: rounds, blockSize: blockSize)
        return "scrypt$\(rounds)$\(blockSize)$\(Hex.encode(salt))$\(Hex.encode(hash))"
    }

    /// Whether the secret is the one behind the hash.
    ///
    /// A hash that does not read matches nothing.
    package static func matches(_ secret: String, _ stored: String) -> Bool {
        let parts = stored.split(separator: "$").map { String($0) }
        guard parts.count == 5, parts[0] == "scrypt", let rounds = Int(parts[1]),
            let blockSize = Int(parts[2]), (1 << 10...1 << 20).contains(rounds),
            (1...32).contains(blockSize), 128 * rounds * blockSize <= memoryMax,
            let salt = Hex.decode(parts[3].utf8),
            let hash = Hex.decode(parts[4].utf8), hash.count == byteCount,
            let derived = try? derive(secret, salt: salt, rounds: rounds, blockSize: blockSize)
        else { return false }
        return isEqual(derived, hash)
    }

    /// Compares in a time that depends on the lengths only.
    package static func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard first.count == second.count else { return false }
        var difference: UInt8 = 0
        for index in first.indices { difference |= first[index] ^ second[index] }
        return difference == 0
    }

    /// Compares two texts in a time that depends on neither.
    static func isEqual(_ first: String, _ second: String) -> Bool {
        isEqual(
            Array(SHA256.hash(data: Array(first.utf8))),
            Array(SHA256.hash(data: Array(second.utf8))))
    }

    /// SHA-256 as hex, for tokens that are random already.
    package static func digest(_ token: String) -> String {
        Hex.encode(SHA256.hash(data: Array(token.utf8)))
    }

    /// Bytes of the system's generator.
    package static func random(byteCount: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    private static func derive(
        _ secret: String, salt: [UInt8], rounds: Int, blockSize: Int
    ) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(secret.utf8), salt: salt, outputByteCount: byteCount, rounds: rounds,
            blockSize: blockSize, parallelism: 1)
        // Safe: the bytes are copied within the closure.
        return unsafe key.withUnsafeBytes { unsafe Array($0) }
    }
}
