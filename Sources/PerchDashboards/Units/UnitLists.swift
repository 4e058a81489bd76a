/// The units of Grafana by the way they are written.
enum UnitLists {
    /// A suffix that never changes.
    static let fixed: [(id: String, suffix: String)] = [
        ("none", ""), ("humidity", "%H"), ("dB", "dB"), ("candela", "cd"), ("pixel", "px"),
        ("accMS2", "m/sec²"), ("accFS2", "f/sec²"), ("accG", "g"),
        ("degree", "°"), ("radian", "rad"), ("grad", "grad"), ("arcmin", "arcmin"),
        ("arcsec", "arcsec"),
        ("areaM2", "m²"), ("areaF2", "ft²"), ("areaMI2", "mi²"), ("acres", "ac"),
        ("hectares", "ha"),
        ("ppm", "ppm"), ("conppb", "ppb"), ("conngm3", "ng/m³"), ("conngNm3", "ng/Nm³"),
        ("conμgm3", "μg/m³"), ("conμgNm3", "μg/Nm³"), ("conmgm3", "mg/m³"),
        ("conmgNm3", "mg/Nm³"), ("congm3", "g/m³"), ("congNm3", "g/Nm³"),
        ("conmgdL", "mg/dL"), ("conmmolL", "mmol/L"),
        ("Wm2", "W/m²"), ("dBm", "dBm"),
        ("flowgpm", "gpm"), ("flowcms", "cms"), ("flowcfs", "cfs"), ("flowcfm", "cfm"),
        ("litreh", "L/h"), ("flowlpm", "L/min"), ("flowmlpm", "mL/min"), ("lux", "lux"),
        ("masslb", "lb"), ("masst", "t"),
        ("lengthft", "ft"), ("lengthmi", "mi"), ("lengthin", "in"),
        ("pressurehpa", "hPa"), ("pressurekpa", "kPa"), ("pressurehg", "\"Hg"),
        ("rotrpm", "rpm"), ("rotrads", "rad/s"), ("rotdegs", "°/s"),
        ("celsius", "°C"), ("fahrenheit", "°F"), ("farenheit", "°F"), ("kelvin", "K"),
        ("velocityms", "m/s"), ("velocitykmh", "km/h"), ("velocitymph", "mph"),
        ("velocityknot", "kn"),
        ("m3", "m³"), ("Nm3", "Nm³"), ("dm3", "dm³"), ("gallons", "gal"),
    ]

    /// Metric prefixes, and in which power of a thousand values come.
    static let decimal: [(id: String, symbol: String, offset: Int)] = [
        ("flops", "FLOPS", 0), ("mflops", "FLOPS", 2), ("gflops", "FLOPS", 3),
        ("tflops", "FLOPS", 4), ("pflops", "FLOPS", 5), ("eflops", "FLOPS", 6),
        ("zflops", "FLOPS", 7), ("yflops", "FLOPS", 8),
        ("decbits", "b", 0), ("decbytes", "B", 0), ("deckbytes", "B", 1), ("decmbytes", "B", 2),
        ("decgbytes", "B", 3), ("dectbytes", "B", 4), ("decpbytes", "B", 5),
        ("pps", "p/s", 0), ("Bps", "B/s", 0), ("bps", "b/s", 0), ("KBs", "B/s", 1),
        ("Kbits", "b/s", 1), ("MBs", "B/s", 2), ("Mbits", "b/s", 2), ("GBs", "B/s", 3),
        ("Gbits", "b/s", 3), ("TBs", "B/s", 4), ("Tbits", "b/s", 4), ("PBs", "B/s", 5),
        ("Pbits", "b/s", 5),
        ("watt", "W", 0), ("kwatt", "W", 1), ("megwatt", "W", 2), ("gwatt", "W", 3),
        ("mwatt", "W", -1), ("voltamp", "VA", 0), ("kvoltamp", "VA", 1),
        ("voltampreact", "VAr", 0), ("kvoltampreact", "VAr", 1), ("watth", "Wh", 0),
        ("watthperkg", "Wh/kg", 0), ("kwatth", "Wh", 1), ("kwattm", "W-Min", 1),
        ("megwatth", "Wh", 2), ("gwatth", "Wh", 3),
        ("amph", "Ah", 0), ("kamph", "Ah", 1), ("mamph", "Ah", -1), ("joule", "J", 0),
        ("ev", "eV", 0), ("amp", "A", 0), ("kamp", "A", 1), ("mamp", "A", -1), ("volt", "V", 0),
        ("kvolt", "V", 1), ("mvolt", "V", -1), ("ohm", "Ω", 0), ("kohm", "Ω", 1),
        ("Mohm", "Ω", 2), ("mohm", "Ω", -1), ("farad", "F", 0), ("µfarad", "F", -2),
        ("nfarad", "F", -3), ("pfarad", "F", -4), ("ffarad", "F", -5), ("henry", "H", 0),
        ("mhenry", "H", -1), ("µhenry", "H", -2), ("lumens", "Lm", 0),
        ("forceNm", "Nm", 0), ("forcekNm", "Nm", 1), ("forceN", "N", 0), ("forcekN", "N", 1),
        ("Hs", "H/s", 0), ("KHs", "H/s", 1), ("MHs", "H/s", 2), ("GHs", "H/s", 3),
        ("THs", "H/s", 4), ("PHs", "H/s", 5), ("EHs", "H/s", 6),
        ("massmg", "g", -1), ("massg", "g", 0), ("masskg", "g", 1),
        ("lengthmm", "m", -1), ("lengthm", "m", 0), ("lengthkm", "m", 1),
        ("pressurembar", "bar", -1), ("pressurebar", "bar", 0), ("pressurekbar", "bar", 1),
        ("pressurepa", "Pa", 0),
        ("radbq", "Bq", 0), ("radci", "Ci", 0), ("radgy", "Gy", 0), ("radrad", "rad", 0),
        ("radsv", "Sv", 0), ("radmsv", "Sv", -1), ("radusv", "Sv", -2), ("radrem", "rem", 0),
        ("radexpckg", "C/kg", 0), ("radr", "R", 0), ("radsvh", "Sv/h", 0),
        ("radmsvh", "Sv/h", -1), ("radusvh", "Sv/h", -2),
        ("hertz", "Hz", 0), ("rothz", "Hz", 0), ("rotkhz", "Hz", 1), ("rotmhz", "Hz", 2),
        ("rotghz", "Hz", 3),
        ("litre", "L", 0), ("mlitre", "L", -1),
    ]

    /// Prefixes of 1,024, and in which power of it values come.
    static let binary: [(id: String, symbol: String, offset: Int)] = [
        ("bytes", "B", 0), ("bits", "b", 0), ("kbytes", "B", 1), ("mbytes", "B", 2),
        ("gbytes", "B", 3), ("tbytes", "B", 4), ("pbytes", "B", 5),
        ("binBps", "B/s", 0), ("binbps", "b/s", 0), ("KiBs", "B/s", 1), ("Kibits", "b/s", 1),
        ("MiBs", "B/s", 2), ("Mibits", "b/s", 2), ("GiBs", "B/s", 3), ("Gibits", "b/s", 3),
        ("TiBs", "B/s", 4), ("Tibits", "b/s", 4), ("PiBs", "B/s", 5), ("Pibits", "b/s", 5),
    ]

    /// Counts of something in a time.
    static let counts: [(id: String, symbol: String)] = [
        ("cps", "c/s"), ("ops", "ops/s"), ("reqps", "req/s"), ("rps", "rd/s"), ("wps", "wr/s"),
        ("iops", "io/s"), ("eps", "evt/s"), ("mps", "msg/s"), ("recps", "rec/s"),
        ("rowsps", "rows/s"), ("cpm", "c/m"), ("opm", "ops/m"), ("reqpm", "req/m"),
        ("rpm", "rd/m"), ("wpm", "wr/m"), ("epm", "evts/m"), ("mpm", "msgs/m"),
        ("recpm", "rec/m"), ("rowspm", "rows/m"),
    ]

    static let currencies: [(id: String, symbol: String, isBehind: Bool)] = [
        ("currencyUSD", "$", false), ("currencyGBP", "£", false), ("currencyEUR", "€", false),
        ("currencyJPY", "¥", false), ("currencyRUB", "₽", false), ("currencyUAH", "₴", false),
        ("currencyBRL", "R$", false), ("currencyDKK", "kr", true), ("currencyISK", "kr", true),
        ("currencyNOK", "kr", true), ("currencySEK", "kr", true), ("currencyCZK", "czk", false),
        ("currencyCHF", "CHF", false), ("currencyPLN", "PLN", false),
        ("currencyBTC", "฿", false), ("currencymBTC", "mBTC", false),
        ("currencyμBTC", "μBTC", false), ("currencyZAR", "R", false),
        ("currencyINR", "₹", false), ("currencyKRW", "₩", false), ("currencyIDR", "Rp", false),
        ("currencyPHP", "PHP", false), ("currencyVND", "đ", true), ("currencyTRY", "₺", false),
        ("currencyMYR", "RM", false), ("currencyXPF", "XPF", false),
        ("currencyBGN", "BGN", false), ("currencyPYG", "₲", false), ("currencyUYU", "UYU", false),
        ("currencyILS", "₪", false), ("currencyCNY", "¥", false), ("currencyAUD", "A$", false),
        ("currencyCAD", "C$", false), ("currencyMXN", "MX$", false), ("currencyHUF", "Ft", true),
        ("currencyRON", "RON", false), ("currencySGD", "S$", false),
    ]

    private static func steps(
        _ list: [(atLeast: Double, factor: Double, suffix: String)]
    ) -> [UnitFormat.Step] {
        list.map { UnitFormat.Step(atLeast: $0.atLeast, factor: $0.factor, suffix: $0.suffix) }
    }

    private static let fromSeconds: [(Double, Double, String)] = [
        (0, 1e-9, " ns"), (1e-6, 1e-6, " µs"), (1e-3, 1e-3, " ms"), (1, 1, " s"),
        (60, 60, " mins"), (3_600, 3_600, " hours"), (86_400, 86_400, " days"),
        (604_800, 604_800, " weeks"), (31_536_000, 31_556_900, " years"),
    ]

    /// Units of time, which grow by steps of their own.
    static let times: [(id: String, steps: [UnitFormat.Step])] = [
        ("s", steps(fromSeconds)),
        ("timeticks", steps(fromSeconds.map { ($0.0 * 100, $0.1 * 100, $0.2) })),
        (
            "ns",
            steps([
                (0, 1, " ns"), (1e3, 1e3, " µs"), (1e6, 1e6, " ms"), (1e9, 1e9, " s"),
                (6e10, 6e10, " mins"), (3.6e12, 3.6e12, " hours"), (8.64e13, 8.64e13, " days"),
            ])
        ),
        (
            "µs",
            steps([
                (0, 1, " µs"), (1e3, 1e3, " ms"), (1e6, 1e6, " s"), (6e7, 6e7, " mins"),
                (3.6e9, 3.6e9, " hours"), (8.64e10, 8.64e10, " days"),
            ])
        ),
        (
            "ms",
            steps([
                (0, 1, " ms"), (1e3, 1e3, " s"), (6e4, 6e4, " mins"), (3.6e6, 3.6e6, " hours"),
                (8.64e7, 8.64e7, " days"), (3.1536e10, 3.1536e10, " years"),
            ])
        ),
        (
            "m",
            steps([
                (0, 1, " mins"), (60, 60, " hours"), (1_440, 1_440, " days"),
                (10_080, 10_080, " weeks"), (525_600, 525_948, " years"),
            ])
        ),
        (
            "h",
            steps([
                (0, 1, " hours"), (24, 24, " days"), (168, 168, " weeks"),
                (8_760, 8_760, " years"),
            ])
        ),
        ("d", steps([(0, 1, " days"), (7, 7, " weeks"), (365, 365, " years")])),
    ]

    private static let iso = "YYYY-MM-DD HH:mm:ss"
    private static let american = "MM/DD/YYYY h:mm:ss a"

    /// What needs more than a factor and a suffix.
    static let special: [(id: String, format: UnitFormat)] = [
        ("string", UnitFormat(.text)),
        (
            "short",
            UnitFormat(
                steps: UnitTable.thousands([
                    "", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept",
                ]))
        ),
        ("percent", UnitFormat(steps: [.init(atLeast: 0, factor: 1, suffix: "%")])),
        ("percentunit", UnitFormat(steps: [.init(atLeast: 0, factor: 0.01, suffix: "%")])),
        ("pressurepsi", UnitFormat(steps: UnitTable.thousands([" psi", " ksi", " Mpsi"]))),
        ("hex0x", UnitFormat(.hexadecimal(prefix: "0x"))),
        ("hex", UnitFormat(.hexadecimal(prefix: ""))),
        ("sci", UnitFormat(.scientific)),
        ("locale", UnitFormat(.grouped)),
        ("bool", UnitFormat(.boolean("True", "False"))),
        ("bool_yes_no", UnitFormat(.boolean("Yes", "No"))),
        ("bool_on_off", UnitFormat(.boolean("On", "Off"))),
        ("dateTimeAsIso", UnitFormat(.date(pattern: iso, patternToday: iso))),
        ("dateTimeAsIsoNoDateIfToday", UnitFormat(.date(pattern: iso, patternToday: "HH:mm:ss"))),
        ("dateTimeAsLocal", UnitFormat(.date(pattern: iso, patternToday: iso))),
        (
            "dateTimeAsLocalNoDateIfToday",
            UnitFormat(.date(pattern: iso, patternToday: "HH:mm:ss"))
        ),
        ("dateTimeAsSystem", UnitFormat(.date(pattern: iso, patternToday: iso))),
        ("dateTimeAsUS", UnitFormat(.date(pattern: american, patternToday: american))),
        (
            "dateTimeAsUSNoDateIfToday",
            UnitFormat(.date(pattern: american, patternToday: "h:mm:ss a"))
        ),
        ("dateTimeFromNow", UnitFormat(.fromNow)),
        ("dtdurationms", UnitFormat(.duration(unitMillis: 1))),
        ("dtdurations", UnitFormat(.duration(unitMillis: 1_000))),
        ("dthms", UnitFormat(.hours(withDays: false))),
        ("dtdhms", UnitFormat(.hours(withDays: true))),
        ("clockms", UnitFormat(.clock(unitMillis: 1))),
        ("clocks", UnitFormat(.clock(unitMillis: 1_000))),
    ]
}
