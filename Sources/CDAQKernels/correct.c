#include "CDAQKernels.h"
