/// What can go wrong in the shop for a while.
enum Incident: String, Sendable, CaseIterable {
    case paymentProviderSlow = "payment_provider_slow"
    case databaseLock = "database_lock"
    case badDeploy = "bad_deploy"
    case cacheStampede = "cache_stampede"
    case inventoryDown = "inventory_down"
    case loginAttack = "login_attack"

    var announcement: String {
        switch self {
        case .paymentProviderSlow: "The card network reports degraded performance"
        case .databaseLock: "The nightly sales report starts, outside its window"
        case .badDeploy: "Release 2.4.0 of shop-api is rolled out"
        case .cacheStampede: "The product cache was flushed by an operator"
        case .inventoryDown: "The disk of shop-inventory is full"
        case .loginAttack: "Many failed logins from one address"
        }
    }

    var allClear: String {
        switch self {
        case .paymentProviderSlow: "The card network is back to normal"
        case .databaseLock: "The sales report is done"
        case .badDeploy: "Release 2.4.0 of shop-api is rolled back to 2.3.1"
        case .cacheStampede: "The product cache is warm again"
        case .inventoryDown: "The disk of shop-inventory has room again"
        case .loginAttack: "The address is blocked"
        }
    }
}
