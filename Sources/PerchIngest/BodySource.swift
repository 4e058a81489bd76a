import PerchCodec

/// Turns a request's body into plain bytes, within the bounds of one body and of all requests.
struct BodySource {
    /// The most plain bytes of one body.
    let limit: Int
    let inFlight: InFlight
    /// How many bytes a plain byte takes until its records are written.
    let factor: Int

    /// The plain bytes, and what is reserved for them and what they become.
    ///
    /// Takes the body out of the request, so that the compressed bytes are gone when decoding
    /// begins.
    func plain(
        _ request: inout IngestRequest
    ) throws -> (bytes: [UInt8], reservation: InFlight.Reservation) {
        let reservation = request.reservation ?? inFlight.begin()
        guard let encoding = ContentEncoding(header: request.contentEncoding) else {
            throw Refusal(
                status: 415, reason: .unsupportedType,
                message: "expected content encoding gzip, deflate, zstd, snappy or none")
        }
        let body = request.body
        request.body = []
        let bytes =
            encoding == .identity
            ? try Decompressor.decompress(body, encoding: .identity, limit: limit)
            : try decompress(body, encoding, reservation)
        try reservation.resize(to: bytes.count * factor)
        return (bytes, reservation)
    }

    /// Reserves before it decompresses: first for what bodies usually become, then for the most
    /// that one may become.
    private func decompress(
        _ body: [UInt8], _ encoding: ContentEncoding, _ reservation: InFlight.Reservation
    ) throws -> [UInt8] {
        let usual = min(
            limit, max(Limits.plainByteCountMin, body.count * Limits.compressionFactor))
        try reservation.resize(to: body.count + usual)
        do {
            return try Decompressor.decompress(body, encoding: encoding, limit: usual)
        } catch DecompressFailure.tooLarge where usual < limit {
            try reservation.resize(to: body.count + limit)
            return try Decompressor.decompress(body, encoding: encoding, limit: limit)
        }
    }
}
