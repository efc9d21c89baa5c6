// fasthttp: one listener, and a goroutine for each connection.
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
	server := fasthttp.Server{Handler: answer, Name: "chopin"}
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

// fasthttp adds the length, and the date, which it formats once a second.
func answer(context *fasthttp.RequestCtx) {
	if string(context.Path()) == "/baseline11" {
		sum(context)
		return
	}
	if !context.IsGet() && !context.IsHead() {
		context.Error("", fasthttp.StatusMethodNotAllowed)
		return
	}
	switch string(context.Path()) {
	case "/plaintext":
		context.SetContentType("text/plain")
		context.SetBodyString("Hello, World!")
	case "/json":
		context.SetContentType("application/json")
		context.SetBodyString(`{"message":"Hello, World!"}`)
	default:
		context.Error("", fasthttp.StatusNotFound)
	}
}

func sum(context *fasthttp.RequestCtx) {
	total := context.QueryArgs().GetUintOrZero("a") + context.QueryArgs().GetUintOrZero("b")
	switch {
	case context.IsPost():
		number, err := strconv.Atoi(string(context.PostBody()))
		if err != nil {
			context.Error("", fasthttp.StatusBadRequest)
			return
		}
		total += number
	case !context.IsGet() && !context.IsHead():
		context.Error("", fasthttp.StatusMethodNotAllowed)
		return
	}
	context.SetContentType("text/plain")
	context.SetBodyString(strconv.Itoa(total))
}
