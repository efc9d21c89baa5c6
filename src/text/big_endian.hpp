#pragma once

#include <string_view>

#include <boost/endian/conversion.hpp>

#include "chopin/byte_buffer.hpp"

/// Numbers in network byte order, as PostgreSQL's messages have them.
namespace chopin::text {

/// From the first bytes of `bytes`, which must be enough.
template <class Integer>
Integer load_big_endian(std::string_view bytes) noexcept {
  return boost::endian::endian_load<Integer, sizeof(Integer), boost::endian::order::big>(
      reinterpret_cast<const unsigned char*>(bytes.data()));
}

template <class Integer>
void store_big_endian(char* place, Integer value) noexcept {
  boost::endian::endian_store<Integer, sizeof(Integer), boost::endian::order::big>(
      reinterpret_cast<unsigned char*>(place), value);
}

/// Throws std::bad_alloc.
template <class Integer>
void append_big_endian(ByteBuffer& out, Integer value) {
  store_big_endian(out.prepare(sizeof(Integer)), value);
  out.advance(sizeof(Integer));
}

}  // namespace chopin::text
