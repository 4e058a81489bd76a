import PerchBytes
import PerchTestSupport
import Testing

@Suite struct ByteCopyTests {
    @Test func copiesEveryLengthAtEveryEdge() {
        var random = SeededGenerator(seed: 7)
        let source = random.bytes(count: 60)
        for count in 0...40 {
            for start in [0, 1, source.count - count] where start + count <= source.count {
                for place in [0, 3, 60 - count] {
                    var target = [UInt8](repeating: 0, count: 60)
                    var span = target.mutableSpan
                    ByteCopy.copy(source.span, start..<(start + count), to: &span, at: place)
                    #expect(target[place..<(place + count)] == source[start..<(start + count)])
                    #expect(target[..<place].allSatisfy { $0 == 0 })
                    let after = min(60, max(place + count, place + ByteCopy.slack))
                    #expect(target[after...].allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test func equalLooksAtEveryByte() {
        var random = SeededGenerator(seed: 8)
        let left = random.bytes(count: 40)
        for count in 0...40 {
            let isSame = ByteCopy.equal(left.span, 0..<count, left.span, 0..<count)
            #expect(isSame)
            for changed in 0..<count {
                var right = left
                right[changed] ^= 1
                let isEqual = ByteCopy.equal(left.span, 0..<count, right.span, 0..<count)
                #expect(!isEqual)
            }
        }
        let isLonger = ByteCopy.equal(left.span, 0..<3, left.span, 0..<4)
        #expect(!isLonger)
    }

    @Test func asciiLooksAtEveryByte() {
        let plain = [UInt8](repeating: 0x7f, count: 20)
        for count in 0...20 {
            let isPlain = ByteCopy.isASCII(plain.span, 0..<count)
            #expect(isPlain)
            for changed in 0..<count {
                var other = plain
                other[changed] = 0x80
                let isASCII = ByteCopy.isASCII(other.span, 0..<count)
                let isRestASCII = ByteCopy.isASCII(other.span, (changed + 1)..<20)
                #expect(!isASCII)
                #expect(isRestASCII)
            }
        }
    }
}
