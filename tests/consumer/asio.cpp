// Asio is for the consumer as it is without Chopin: with the names that are deprecated, and without
// definitions of ours.
#include <chopin/executor.hpp>

#include <boost/asio.hpp>
#include <boost/version.hpp>

#if defined(BOOST_ASIO_SEPARATE_COMPILATION) || defined(BOOST_ASIO_NO_DEPRECATED)
#error "Chopin decides how its users compile Asio"
#endif

int main() {
#if BOOST_VERSION < 108700
  boost::asio::io_service context;
  const auto address = boost::asio::ip::address::from_string("127.0.0.1");
#else
  boost::asio::io_context context;
  const auto address = boost::asio::ip::make_address("127.0.0.1");
#endif
  boost::asio::ip::tcp::acceptor acceptor(context, {address, 0});
  context.run();
  return acceptor.is_open() ? 0 : 1;
}
