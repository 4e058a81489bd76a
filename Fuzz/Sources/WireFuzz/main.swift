import Foundation

// Usage: WireFuzz CORPUS [SEED [ROUNDS]]
//
// CORPUS holds a folder a decoder with seed inputs. Every round changes one input and decodes it.
// A trap ends the process: the last line printed names decoder, seed and round, which find it again.

/// The inputs of a decoder's folder, in the order of their names.
func inputs(_ folder: String) -> [[UInt8]] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
        FileManager.default.contents(atPath: "\(folder)/\(name)").map { Array($0) }
    }
}

let arguments = CommandLine.arguments
let corpus = arguments.count > 1 ? arguments[1] : "Corpus"
let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 20_000 : 20_000

for (name, decode) in Decoders.all.sorted(by: { $0.key < $1.key }) {
    var pool = inputs("\(corpus)/\(name)")
    guard !pool.isEmpty else {
        print("\(name): no inputs")
        continue
    }
    var mutator = Mutator(seed: seed)
    var accepted = 0
    for round in 0..<rounds {
        if round % 1_000 == 0 { print("\(name) seed \(seed) round \(round)") }
        let input = mutator.mutate(
            pool[mutator.below(pool.count)], with: pool[mutator.below(pool.count)])
        do {
            try decode(input)
            accepted += 1
            // What still decodes is worth changing further.
            if pool.count < 500, input.count < 16_384, round % 50 == 0 { pool.append(input) }
        } catch {
            continue
        }
    }
    print("\(name): \(rounds) rounds, \(accepted) taken")
}
