package main

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Product is what is posted. Pointers tell what is missing from what is zero.
type Product struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Description *string  `json:"description"`
	Price       *float64 `json:"price"`
	Stock       *uint32  `json:"stock"`
	Active      *bool    `json:"active"`
	State       string   `json:"state"`
	Email       string   `json:"email"`
	Released    string   `json:"released"`
	Tags        []string `json:"tags"`
}

// The first rule of chopin's program that is broken, or nothing.
func (p *Product) fault() string {
	switch {
	case p.ID < 1 || p.ID > 1_000_000:
		return "id"
	case !hasLength(p.Name, 1, 100):
		return "name"
	case p.Description == nil || !hasLength(*p.Description, 0, 2000):
		return "description"
	case p.Price == nil || *p.Price < 0 || *p.Price > 1e6:
		return "price"
	case p.Stock == nil || *p.Stock > 100_000:
		return "stock"
	case p.Active == nil:
		return "active"
	case p.State != "draft" && p.State != "listed" && p.State != "sold":
		return "state"
	case !hasLength(p.Email, 3, 254) || !isEmail(p.Email):
		return "email"
	case !isDate(p.Released):
		return "released"
	case p.Tags == nil || len(p.Tags) > 10:
		return "tags"
	}
	for _, tag := range p.Tags {
		if !hasLength(tag, 1, 20) {
			return "tags"
		}
	}
	return ""
}

// In characters, each of 1 to 4 bytes: mostly their number decides.
func hasLength(text string, least, most int) bool {
	if len(text) <= most && (len(text)+3)/4 >= least {
		return true
	}
	size := utf8.RuneCountInString(text)
	return size >= least && size <= most
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func isEmail(text string) bool {
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || !consistsOf(local, ".!#$%&'*+/=?^_`{|}~-") {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) < 1 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || !consistsOf(label, "-") {
			return false
		}
	}
	return true
}

// Of letters, digits and these others.
func consistsOf(text, others string) bool {
	for i := range len(text) {
		c := text[i]
		isAlphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !isAlphanumeric && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}
