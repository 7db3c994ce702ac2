#ifndef STEELYARD_CZSTD_SHIM_H
#define STEELYARD_CZSTD_SHIM_H

#include <zstd.h>

#endif
