#include "CPerchAssets.h"

#include <string.h>

// `#embed` is of C23, and the compiler has it for older standards too.
#pragma clang diagnostic ignored "-Wc23-extensions"

// Our own files, joined in this order: the cascade of styles follows it.
static const unsigned char perch_css[] = {
#embed "client/tokens.css" suffix(, )
#embed "client/base.css" suffix(, )
#embed "client/components.css" suffix(, )
#embed "client/charts.css" suffix(, )
#embed "client/home.css" suffix(, )
#embed "client/logs.css" suffix(, )
#embed "client/traces.css" suffix(, )
#embed "client/metrics.css" suffix(, )
#embed "client/dashboards.css" suffix(, )
#embed "client/grid.css" suffix(, )
};

static const unsigned char perch_js[] = {
#embed "client/core.js" suffix(, )
#embed "client/charts.js" suffix(, )
#embed "client/palette.js" suffix(, )
#embed "client/logs.js" suffix(, )
#embed "client/traces.js" suffix(, )
#embed "client/metrics.js" suffix(, )
#embed "client/dashboards.js" suffix(, )
};

// Dashboards that come with the server.
static const unsigned char pack_business_business[] = {
#embed "../../packs/business/business.json" suffix(, )
};
static const unsigned char pack_business_payments[] = {
#embed "../../packs/business/payments.json" suffix(, )
};
static const unsigned char pack_business_product[] = {
#embed "../../packs/business/product.json" suffix(, )
};
static const unsigned char pack_business_tracking[] = {
#embed "../../packs/business/tracking.json" suffix(, )
};
static const unsigned char pack_clients_clients[] = {
#embed "../../packs/clients/clients.json" suffix(, )
};
static const unsigned char pack_clients_devices[] = {
#embed "../../packs/clients/devices.json" suffix(, )
};
static const unsigned char pack_clients_experiments[] = {
#embed "../../packs/clients/experiments.json" suffix(, )
};
static const unsigned char pack_clients_flags[] = {
#embed "../../packs/clients/flags.json" suffix(, )
};
static const unsigned char pack_clients_quality[] = {
#embed "../../packs/clients/quality.json" suffix(, )
};
static const unsigned char pack_clients_regions[] = {
#embed "../../packs/clients/regions.json" suffix(, )
};
static const unsigned char pack_clients_versions[] = {
#embed "../../packs/clients/versions.json" suffix(, )
};
static const unsigned char pack_data_cache[] = {
#embed "../../packs/data/cache.json" suffix(, )
};
static const unsigned char pack_data_database[] = {
#embed "../../packs/data/database.json" suffix(, )
};
static const unsigned char pack_data_inventory[] = {
#embed "../../packs/data/inventory.json" suffix(, )
};
static const unsigned char pack_data_pools[] = {
#embed "../../packs/data/pools.json" suffix(, )
};
static const unsigned char pack_hosts_hosts[] = {
#embed "../../packs/hosts/hosts.json" suffix(, )
};
static const unsigned char pack_jobs_media[] = {
#embed "../../packs/jobs/media.json" suffix(, )
};
static const unsigned char pack_jobs_pipeline[] = {
#embed "../../packs/jobs/pipeline.json" suffix(, )
};
static const unsigned char pack_jobs_queues[] = {
#embed "../../packs/jobs/queues.json" suffix(, )
};
static const unsigned char pack_perch_perch[] = {
#embed "../../packs/perch/perch.json" suffix(, )
};
static const unsigned char pack_security_auth[] = {
#embed "../../packs/security/auth.json" suffix(, )
};
static const unsigned char pack_security_compliance[] = {
#embed "../../packs/security/compliance.json" suffix(, )
};
static const unsigned char pack_services_api_health[] = {
#embed "../../packs/services/api-health.json" suffix(, )
};
static const unsigned char pack_services_external[] = {
#embed "../../packs/services/external.json" suffix(, )
};
static const unsigned char pack_services_rate_limits[] = {
#embed "../../packs/services/rate-limits.json" suffix(, )
};
static const unsigned char pack_services_slo[] = {
#embed "../../packs/services/slo.json" suffix(, )
};
static const unsigned char pack_services_starter[] = {
#embed "../../packs/services/starter.json" suffix(, )
};
static const unsigned char pack_services_synthetic[] = {
#embed "../../packs/services/synthetic.json" suffix(, )
};
static const unsigned char pack_services_system_overview[] = {
#embed "../../packs/services/system-overview.json" suffix(, )
};
static const unsigned char pack_services_traces[] = {
#embed "../../packs/services/traces.json" suffix(, )
};
static const unsigned char pack_services_windows[] = {
#embed "../../packs/services/windows.json" suffix(, )
};

static const struct perch_asset perch_own_table[] = {
    {"perch.css", perch_css, sizeof perch_css},
    {"perch.js", perch_js, sizeof perch_js},
    {"packs/business/business.json", pack_business_business, sizeof pack_business_business},
    {"packs/business/payments.json", pack_business_payments, sizeof pack_business_payments},
    {"packs/business/product.json", pack_business_product, sizeof pack_business_product},
    {"packs/business/tracking.json", pack_business_tracking, sizeof pack_business_tracking},
    {"packs/clients/clients.json", pack_clients_clients, sizeof pack_clients_clients},
    {"packs/clients/devices.json", pack_clients_devices, sizeof pack_clients_devices},
    {"packs/clients/experiments.json", pack_clients_experiments, sizeof pack_clients_experiments},
    {"packs/clients/flags.json", pack_clients_flags, sizeof pack_clients_flags},
    {"packs/clients/quality.json", pack_clients_quality, sizeof pack_clients_quality},
    {"packs/clients/regions.json", pack_clients_regions, sizeof pack_clients_regions},
    {"packs/clients/versions.json", pack_clients_versions, sizeof pack_clients_versions},
    {"packs/data/cache.json", pack_data_cache, sizeof pack_data_cache},
    {"packs/data/database.json", pack_data_database, sizeof pack_data_database},
    {"packs/data/inventory.json", pack_data_inventory, sizeof pack_data_inventory},
    {"packs/data/pools.json", pack_data_pools, sizeof pack_data_pools},
    {"packs/hosts/hosts.json", pack_hosts_hosts, sizeof pack_hosts_hosts},
    {"packs/jobs/media.json", pack_jobs_media, sizeof pack_jobs_media},
    {"packs/jobs/pipeline.json", pack_jobs_pipeline, sizeof pack_jobs_pipeline},
    {"packs/jobs/queues.json", pack_jobs_queues, sizeof pack_jobs_queues},
    {"packs/perch/perch.json", pack_perch_perch, sizeof pack_perch_perch},
    {"packs/security/auth.json", pack_security_auth, sizeof pack_security_auth},
    {"packs/security/compliance.json", pack_security_compliance, sizeof pack_security_compliance},
    {"packs/services/api-health.json", pack_services_api_health, sizeof pack_services_api_health},
    {"packs/services/external.json", pack_services_external, sizeof pack_services_external},
    {"packs/services/rate-limits.json", pack_services_rate_limits, sizeof pack_services_rate_limits},
    {"packs/services/slo.json", pack_services_slo, sizeof pack_services_slo},
    {"packs/services/starter.json", pack_services_starter, sizeof pack_services_starter},
    {"packs/services/synthetic.json", pack_services_synthetic, sizeof pack_services_synthetic},
    {"packs/services/system-overview.json", pack_services_system_overview, sizeof pack_services_system_overview},
    {"packs/services/traces.json", pack_services_traces, sizeof pack_services_traces},
    {"packs/services/windows.json", pack_services_windows, sizeof pack_services_windows},
};

// Those of other authors.
#if __has_include("generated.inc")
#include "generated.inc"
#else
#define PERCH_ASSET_COUNT 0
// C has no empty arrays; the count says that this row is not there.
static const struct perch_asset perch_assets_table[] = {{"", (const unsigned char *)"", 0}};
#endif

enum { OWN_COUNT = sizeof perch_own_table / sizeof perch_own_table[0] };

size_t perch_asset_count(void) { return OWN_COUNT + PERCH_ASSET_COUNT; }

static const struct perch_asset *at(size_t index) {
    if (index < OWN_COUNT) { return &perch_own_table[index]; }
    index -= OWN_COUNT;
    return index < (size_t)PERCH_ASSET_COUNT ? &perch_assets_table[index] : NULL;
}

size_t perch_asset_name_length(size_t index) {
    const struct perch_asset *asset = at(index);
    return asset ? strlen(asset->name) : 0;
}

unsigned char perch_asset_name_byte(size_t index, size_t offset) {
    const struct perch_asset *asset = at(index);
    return asset && offset < strlen(asset->name) ? (unsigned char)asset->name[offset] : 0;
}

size_t perch_asset_length(size_t index) {
    const struct perch_asset *asset = at(index);
    return asset ? asset->length : 0;
}

unsigned char perch_asset_byte(size_t index, size_t offset) {
    const struct perch_asset *asset = at(index);
    return asset && offset < asset->length ? asset->bytes[offset] : 0;
}
