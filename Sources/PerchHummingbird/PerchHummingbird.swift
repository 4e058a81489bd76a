// PerchHummingbird: the SDK for applications on Hummingbird.
//
//     let router = Router()
//     router.observe(with: perch)              // before the routes
//     router.addMetrics(of: perch, access: .token(secret))
//
// Read in this order: RequestObserver (one request: id, span, metrics, log lines), ErrorAnswer
// (what a client is told, with the request's id), EndpointAccess and MetricsEndpoint.
//
// Invariants
//   1. Whatever a request carries, its id is short and printable, and stands in the answer.
//   2. Labels have the route's pattern, never the path (CAR-4).
//   3. An endpoint that tells about the process is closed unless it is told to whom it is open.
