// The one translation unit that compiles Beast's functions; every other sees declarations only.
#include <boost/beast/src.hpp>
