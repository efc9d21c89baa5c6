// net/http with encoding/json: one listener, a goroutine for each connection.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
)

const mostBytes = 1 << 20 // of a body

func main() {
	port, workers, err := arguments(os.Args[1:])
	if err != nil {
		fail(err, 2)
	}
	runtime.GOMAXPROCS(workers)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /products", func(w http.ResponseWriter, r *http.Request) { respond(w, []Product{}) })
	routes.HandleFunc("POST /products", echo)
	fail(http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", port), routes), 1)
}

func echo(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "not JSON", http.StatusUnsupportedMediaType)
		return
	}
	var product Product
	if err := read(http.MaxBytesReader(w, r.Body, mostBytes), &product); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if fault := product.fault(); fault != "" {
		http.Error(w, fault, http.StatusUnprocessableEntity)
		return
	}
	respond(w, product)
}

// Refuses unknown members, and whatever follows the object.
func read(body io.Reader, product *Product) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(product); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the object")
	}
	return nil
}

func respond(w http.ResponseWriter, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(text)))
	header.Set("Server", "chopin")
	w.Write(text)
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
