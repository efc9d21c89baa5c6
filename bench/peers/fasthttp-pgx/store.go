package main

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	worlds      = 10000
	selectWorld = "SELECT id, randomnumber FROM world WHERE id = $1"
	updateWorld = "UPDATE world SET randomnumber = new.number " +
		"FROM (SELECT unnest($1::int[]) AS id, unnest($2::int[]) AS number) AS new WHERE world.id = new.id"
	selectFortunes = "SELECT id, message FROM fortune"
	selectItems    = "SELECT id, name, category, price, quantity, active, tags, rating_score, rating_count " +
		"FROM items WHERE price BETWEEN $1 AND $2 LIMIT $3"
)

type store struct {
	pool *pgxpool.Pool
}

type world struct {
	ID     int32 `json:"id"`
	Number int32 `json:"randomNumber"`
}

type fortune struct {
	id      int32
	message string
}

type rating struct {
	Score int32 `json:"score"`
	Count int32 `json:"count"`
}

type item struct {
	ID       int32           `json:"id"`
	Name     string          `json:"name"`
	Category string          `json:"category"`
	Price    int32           `json:"price"`
	Quantity int32           `json:"quantity"`
	Active   bool            `json:"active"`
	Tags     json.RawMessage `json:"tags"`
	Rating   rating          `json:"rating"`
}

func newStore(url, most string) (store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return store{}, err
	}
	config.MaxConns = 16
	if count, err := strconv.Atoi(most); err == nil && count > 0 {
		config.MaxConns = int32(count)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	return store{pool}, err
}

func anyWorld() int32 {
	return rand.Int32N(worlds) + 1
}

func (store store) world() (found world, err error) {
	err = store.pool.QueryRow(context.Background(), selectWorld, anyWorld()).Scan(&found.ID, &found.Number)
	return found, err
}

// Each row by a query of its own, all sent at once: pgx's batch, which has one Sync.
func (store store) worlds(count int) ([]world, error) {
	found := make([]world, count)
	batch := &pgx.Batch{}
	for i := range found {
		row := &found[i]
		batch.Queue(selectWorld, anyWorld()).QueryRow(func(values pgx.Row) error {
			return values.Scan(&row.ID, &row.Number)
		})
	}
	return found, store.pool.SendBatch(context.Background(), batch).Close()
}

func (store store) updated(count int) ([]world, error) {
	found, err := store.worlds(count)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b world) int { return int(a.ID - b.ID) }) // else two updates may wait for each other
	ids, numbers := make([]int32, count), make([]int32, count)
	for i := range found {
		found[i].Number = anyWorld()
		ids[i], numbers[i] = found[i].ID, found[i].Number
	}
	_, err = store.pool.Exec(context.Background(), updateWorld, ids, numbers)
	return found, err
}

func (store store) fortunes() ([]fortune, error) {
	rows, err := store.pool.Query(context.Background(), selectFortunes)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (found fortune, err error) {
		return found, row.Scan(&found.id, &found.message)
	})
}

func (store store) items(least, most, limit int) ([]item, error) {
	rows, err := store.pool.Query(context.Background(), selectItems, least, most, limit)
	if err != nil {
		return nil, err
	}
	found := []item{}
	for rows.Next() {
		var one item
		if err := rows.Scan(&one.ID, &one.Name, &one.Category, &one.Price, &one.Quantity, &one.Active, &one.Tags,
			&one.Rating.Score, &one.Rating.Count); err != nil {
			rows.Close()
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}
