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

static const struct perch_asset perch_own_table[] = {
    {"perch.css", perch_css, sizeof perch_css},
    {"perch.js", perch_js, sizeof perch_js},
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
