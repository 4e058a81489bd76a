import PerchAccess
import PerchModel
import Testing

@Suite struct SecretHashTests {
    @Test func aHashVerifiesItsSecretOnly() throws {
        let hash = try SecretHash.make("correct horse")
        #expect(SecretHash.matches("correct horse", hash))
        #expect(!SecretHash.matches("correct horsf", hash))
        #expect(!SecretHash.matches("", hash))
        #expect(hash.hasPrefix("scrypt$16384$8$"))
    }

    @Test func equalSecretsHaveDifferentHashes() throws {
        #expect(try SecretHash.make("a") != SecretHash.make("a"))
    }

    /// Source: RFC 7914, section 12, the vector with N = 16384, r = 8, p = 1, cut to 32 bytes.
    @Test func theDerivationIsScrypt() {
        let salt = Hex.encode(Array("SodiumChloride".utf8))
        let hash = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        #expect(SecretHash.matches("pleaseletmein", "scrypt$16384$8$\(salt)$\(hash)"))
        #expect(!SecretHash.matches("pleaseletmeim", "scrypt$16384$8$\(salt)$\(hash)"))
    }

    /// Text from a damaged catalog matches nothing, costs no gigabytes and does not trap.
    @Test(arguments: [
        "", "scrypt", "scrypt$$$$", "scrypt$16384$8$00$", "scrypt$16384$8$zz$00",
        "scrypt$1073741824$8$00$00", "scrypt$16384$1000000$00$00", "scrypt$16385$8$00$00",
        "scrypt$-1$8$00$00", "bcrypt$16384$8$00$00",
        "scrypt$16385$8$00$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
        "scrypt$1048576$32$00$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
    ])
    func aDamagedHashMatchesNothing(_ stored: String) {
        #expect(!SecretHash.matches("secret", stored))
    }

    @Test(
        arguments: [
            ([], [], true), ([1], [1], true), ([1], [2], false), ([1], [1, 2], false),
            ([1, 2, 3], [1, 2, 4], false), ([9, 2, 3], [1, 2, 3], false),
            ([255, 0], [255, 0], true),
        ] as [([UInt8], [UInt8], Bool)])
    func comparesAllBytes(_ first: [UInt8], _ second: [UInt8], _ expected: Bool) {
        #expect(SecretHash.isEqual(first, second) == expected)
    }

    @Test func randomBytesDoNotRepeat() {
        let values = Set((0..<100).map { _ in SecretHash.random(byteCount: 16) })
        #expect(values.count == 100)
    }
}
