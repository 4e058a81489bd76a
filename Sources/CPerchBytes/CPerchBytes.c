#include "CPerchBytes.h"
