#include <stdio.h>
// jpeglib.h needs FILE and size_t before it.
#include <jpeglib.h>
