#pragma once

#include "chopin/schema.hpp"

namespace chopin::app {

/// The tables of the benchmarks, with TechEmpower's names for world, cachedworld and fortune. Tables that are
/// there already, as in a database that a benchmark has made, are left as they are, and so are rows. Then
/// come the tables of users and of their notes.
Schema schema();

}  // namespace chopin::app
