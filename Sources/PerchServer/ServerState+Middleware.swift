import Hummingbird
import HummingbirdCore
import PerchAPI

extension ServerState {
    /// What every request passes on its way to `routes`, outermost first.
    func guarded(_ routes: Router<PerchRequestContext>) -> Router<PerchRequestContext> {
        let router = Router(context: PerchRequestContext.self)
        router.add(middleware: PageHeaders(isTLS: certificates != nil))
        router.add(middleware: GzipAnswers())
        router.add(middleware: UnreadBodies())
        router.add(middleware: ForeignUpgrades())
        router.add(middleware: RequestAccounting(counters: counters))
        router.add(middleware: DoorRefusals(pipeline: pipeline))
        router.add(
            middleware: RequestGuard(authenticator: authenticator, hosts: { [self] in hosts }))
        router.add(
            middleware: Forms(timeout: { [self] in
                .seconds(configuration.limits.bodyTimeoutSeconds)
            }))
        router.add(middleware: Dispatch(routes: routes.buildResponder(), queries: queries))
        return router
    }
}
