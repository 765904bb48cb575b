// The only includer of node-addon-api.
#pragma once

#include <napi.h>
