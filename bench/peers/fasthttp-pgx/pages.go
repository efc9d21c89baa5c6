package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

type pages struct {
	store store
}

func (pages pages) respond(context *fasthttp.RequestCtx) {
	if !context.IsGet() && !context.IsHead() {
		context.Error("", fasthttp.StatusMethodNotAllowed)
		return
	}
	switch string(context.Path()) {
	case "/plaintext":
		context.SetContentType("text/plain")
		context.SetBodyString("Hello, World!")
	case "/json":
		writeJSON(context, map[string]string{"message": "Hello, World!"}, nil)
	case "/db":
		found, err := pages.store.world()
		writeJSON(context, found, err)
	case "/queries":
		found, err := pages.store.worlds(parameter(context, "queries", 1, 1, 500))
		writeJSON(context, found, err)
	case "/updates":
		found, err := pages.store.updated(parameter(context, "queries", 1, 1, 500))
		writeJSON(context, found, err)
	case "/fortunes":
		pages.fortunes(context)
	case "/async-db":
		pages.items(context)
	default:
		context.Error("", fasthttp.StatusNotFound)
	}
}

func (pages pages) items(context *fasthttp.RequestCtx) {
	least, most := parameter(context, "min", 10, 0, 1<<30), parameter(context, "max", 50, 0, 1<<30)
	found, err := pages.store.items(least, most, parameter(context, "limit", 50, 1, 50))
	writeJSON(context, struct {
		Count int    `json:"count"`
		Items []item `json:"items"`
	}{len(found), found}, err)
}

func (pages pages) fortunes(context *fasthttp.RequestCtx) {
	found, err := pages.store.fortunes()
	if err != nil {
		unavailable(context, err)
		return
	}
	found = append(found, fortune{0, "Additional fortune added at request time."})
	slices.SortFunc(found, func(a, b fortune) int { return strings.Compare(a.message, b.message) })
	context.SetContentType("text/html; charset=utf-8")
	context.WriteString("<!DOCTYPE html><html><head><title>Fortunes</title></head><body><table>" +
		"<tr><th>id</th><th>message</th></tr>")
	for _, one := range found {
		context.WriteString("<tr><td>" + strconv.Itoa(int(one.id)) + "</td><td>" + html.EscapeString(one.message) + "</td></tr>")
	}
	context.WriteString("</table></body></html>")
}

func parameter(context *fasthttp.RequestCtx, name string, usual, least, most int) int {
	value, err := context.QueryArgs().GetUint(name)
	if err != nil {
		value = usual
	}
	return min(max(value, least), most)
}

func writeJSON(context *fasthttp.RequestCtx, value any, err error) {
	if err != nil {
		unavailable(context, err)
		return
	}
	body, err := json.Marshal(value)
	if err != nil {
		unavailable(context, err)
		return
	}
	context.SetContentType("application/json")
	context.SetBody(body)
}

func unavailable(context *fasthttp.RequestCtx, err error) {
	fmt.Fprintln(os.Stderr, err)
	context.Error("", fasthttp.StatusServiceUnavailable)
}
