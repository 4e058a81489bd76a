#include "CPerchAssets.h"

#include <string.h>

#if __has_include("generated.inc")
#include "generated.inc"
#else
#define PERCH_ASSET_COUNT 0
// C has no empty arrays; the count says that this row is not there.
static const struct perch_asset perch_assets_table[] = {{"", (const unsigned char *)"", 0}};
#endif

size_t perch_asset_count(void) { return PERCH_ASSET_COUNT; }

static const struct perch_asset *at(size_t index) {
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
