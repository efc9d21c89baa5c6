module chopin/bench/peers/go-json

go 1.25.0
