import PerchBytes
import Testing

@Suite struct ZeroBytesTests {
    @Test func countsUpToTheFirstOtherByte() {
        for count in 0..<100 {
            var bytes = [UInt8](repeating: 0, count: 3 + count)
            #expect(ZeroBytes.count(bytes[3...]) == count)
            for place in 3..<bytes.count {
                bytes[place] = 0x80
                #expect(ZeroBytes.count(bytes[3...]) == place - 3)
                bytes[place] = 0
            }
        }
    }
}
