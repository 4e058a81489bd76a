/// The names of the server's own metrics, each listed in docs/operating/metrics.md.
package enum MetricNames {
    package static let buildInfo = "perch_build_info"
    package static let startTime = "perch_start_time_seconds"
    package static let httpRequests = "perch_http_requests_total"
    package static let httpSeconds = "perch_http_request_seconds_total"
    package static let residentMemory = "process_resident_memory_bytes"
    package static let openFiles = "process_open_fds"
    package static let cpuSeconds = "process_cpu_seconds_total"
    package static let ingested = "perch_ingested_records_total"
    package static let refused = "perch_refused_records_total"
    package static let storeRows = "perch_store_rows"
    package static let storeDiskBytes = "perch_store_disk_bytes"
    package static let storeMemoryBytes = "perch_store_memory_bytes"
    package static let storeDeletedRows = "perch_store_deleted_rows_total"
    package static let storeDamagedRecords = "perch_store_damaged_records_total"
}
