// fasthttp with pgx: one listener, a goroutine for each connection, and pgx's pool.
// DATABASE_URL is the database, DATABASE_MAX_CONN how many connections the pool has.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"github.com/valyala/fasthttp"
)

func main() {
	port, workers, err := arguments(os.Args[1:])
	if err != nil {
		fail(err, 2)
	}
	runtime.GOMAXPROCS(workers)
	store, err := newStore(os.Getenv("DATABASE_URL"), os.Getenv("DATABASE_MAX_CONN"))
	if err != nil {
		fail(err, 2)
	}
	server := fasthttp.Server{Handler: pages{store}.respond, Name: "chopin"}
	fail(server.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", port)), 1)
}

func arguments(words []string) (port, workers int, err error) {
	if len(words) != 2 {
		return 0, 0, fmt.Errorf("expected are PORT WORKERS")
	}
	if port, err = number("PORT", words[0], 65535); err != nil {
		return 0, 0, err
	}
	workers, err = number("WORKERS", words[1], 1024)
	return port, workers, err
}

func number(name, text string, largest int) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 || value > largest {
		return 0, fmt.Errorf("%s is %q, not a number from 1 to %d", name, text, largest)
	}
	return value, nil
}

func fail(err error, status int) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(status)
}
