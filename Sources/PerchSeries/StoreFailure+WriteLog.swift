import PerchFiles
import PerchModel

extension StoreFailure {
    /// What a failure of the log is to those who use the store.
    init(_ failure: WriteLogFailure) {
        self =
            switch failure {
            case .noSpace(let message): .noSpace(message)
            case .overloaded(let message): .overloaded(message)
            case .failed(let message): .failed(message)
            case .closed: .closed
            case .tooLarge(let message): .tooLarge(message)
            }
    }
}
