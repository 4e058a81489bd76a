#include "CPerchAssets.h"
