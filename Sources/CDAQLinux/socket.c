#include "CDAQLinux.h"
