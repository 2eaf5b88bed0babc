// An object server for tests: fake-gcs-server as a library, and in front of it what its HTTP API lacks.
//
// Its one argument is a file with the port of loopback to listen on. It keeps everything in memory.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: object-server SETTINGS")
	}
	port, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+strings.TrimSpace(string(port)))
	if err != nil {
		log.Fatal(err)
	}
	host := listener.Addr().String()
	store, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		NoListener: true, PublicHost: host, ExternalURL: "http://" + host, Writer: io.Discard,
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, &front{
		host: host, seenAt: "http://" + host, store: store, inner: store.HTTPHandler(), uploads: map[string]*upload{},
	}))
}

// front answers what the library would get wrong, and hands on the rest.
type front struct {
	host  string
	store *fakestorage.Server
	inner http.Handler

	// held while something changes, so that a condition still holds when its change is made
	mutex   sync.Mutex
	seenAt  string
	uploads map[string]*upload
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// some clients leave out the port, and the library routes by it
	r.Host = f.host
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if f.conditionsHold(w, r) {
			f.inner.ServeHTTP(w, r)
		}
		return
	}
	body, err := io.ReadAll(r.Body)
	if id := r.URL.Query().Get("upload_id"); id != "" && r.URL.Query().Get("X-Goog-Algorithm") == "" {
		f.advance(w, r, id, body, err == nil)
		return
	}
	if err != nil {
		return // cut short: nothing happens
	}
	f.change(w, r, body)
}

// change does one whole request that writes.
func (f *front) change(w http.ResponseWriter, r *http.Request, body []byte) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	upload := strings.HasPrefix(r.URL.Path, "/upload/storage/v1/b/")
	switch kind := r.URL.Query().Get("uploadType"); {
	case r.URL.Path == "/_kit/seen-at":
		f.seenAt = string(body)
	case upload && kind == "resumable":
		f.begin(w, r, body)
	case upload && kind == "multipart":
		f.multipart(w, r, body)
	case isBucket(r):
		f.deleteBucket(w, r)
	case f.conditionsHold(w, r):
		f.hand(w, r, r.Header.Get("Content-Type"), body)
	}
}

func isBucket(r *http.Request) bool {
	name, ok := strings.CutPrefix(r.URL.Path, "/storage/v1/b/")
	return ok && r.Method == http.MethodDelete && !strings.Contains(name, "/")
}

// deleteBucket says what the cloud says of a bucket with objects in it: the library has another status.
func (f *front) deleteBucket(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/storage/v1/b/")
	if held, _, err := f.store.ListObjectsWithOptions(name, fakestorage.ListOptions{}); err == nil && len(held) > 0 {
		refuse(w, http.StatusConflict, "conflict", "The bucket you tried to delete is not empty.")
		return
	}
	f.hand(w, r, "", nil)
}

func refuse(w http.ResponseWriter, status int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":%d,"message":%q,"errors":[{"domain":"global","reason":%q,"message":%q}]}}`,
		status, message, reason, message)
}
