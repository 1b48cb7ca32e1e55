package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	_ "modernc.org/sqlite" // the engine both use
)

// limit is the fastest simple program for a measure: "bytes FILE" answers the bytes
// of a file from memory; "insert DIR" writes one row a request, each in a
// transaction of its own, as durable as ours.
func limit(args []string) {
	h, err := limitHandler(args[0], args[1])
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"listen": l.Addr().String()}); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(l, h)) //nolint:gosec // a measure on loopback, killed by its parent
}

func limitHandler(what, where string) (http.Handler, error) {
	if what == "bytes" {
		raw, err := os.ReadFile(where) //nolint:gosec // our own file
		kind := "application/json"
		if filepath.Ext(where) == ".html" {
			kind = "text/html; charset=utf-8"
		}
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
			_, _ = w.Write(raw) //nolint:errcheck // a measure
		}), err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(where, "limit.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`create table if not exists t (id integer primary key, body blob)`); err != nil { //nolint:noctx // a measure
		return nil, err
	}
	st, err := db.Prepare(`insert into t (body) values ($1)`) //nolint:noctx // a measure
	body := make([]byte, 541)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := st.Exec(body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "{}") //nolint:errcheck // a measure
	}), err
}
