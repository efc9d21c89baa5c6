// The one translation unit that compiles Asio's functions; every other sees declarations only.
#include <boost/asio/impl/src.hpp>
