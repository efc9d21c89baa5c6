// The only translation unit that compiles Asio's functions; all others see only their declarations.
#include <boost/asio/impl/src.hpp>
