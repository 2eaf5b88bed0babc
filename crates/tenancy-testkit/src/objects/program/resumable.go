package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

// The cloud keeps whole quanta of what arrives before a line is cut.
const quantum = 256 * 1024

// upload is one session. The library would keep no part of a chunk, and would end the object at a status query.
type upload struct {
	path, query string
	metadata    map[string]any
	content     []byte
	// how it ended, to be said again
	status int
	answer []byte
}

// begin opens a session.
func (f *front) begin(w http.ResponseWriter, r *http.Request, body []byte) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/upload/storage/v1/b/"), "/")
	if _, _, err := f.store.ListObjectsWithOptions(bucket, fakestorage.ListOptions{}); err != nil {
		refuse(w, http.StatusNotFound, "notFound", "The specified bucket does not exist.")
		return
	}
	metadata := map[string]any{}
	if err := json.Unmarshal(body, &metadata); len(body) > 0 && err != nil {
		refuse(w, http.StatusBadRequest, "parseError", err.Error())
		return
	}
	query := r.URL.Query()
	if query.Get("name") != "" {
		metadata["name"] = query.Get("name")
	}
	if kind := r.Header.Get("X-Upload-Content-Type"); kind != "" && metadata["contentType"] == nil {
		metadata["contentType"] = kind
	}
	id := rand.Text()
	// a session's address repeats what it was begun with
	query.Set("upload_id", id)
	location := fmt.Sprintf("%s%s?%s", f.seenAt, r.URL.Path, query.Encode())
	query.Del("upload_id")
	query.Set("uploadType", "multipart")
	f.uploads[id] = &upload{path: r.URL.Path, query: query.Encode(), metadata: metadata}
	w.Header().Set("Location", location)
}

// advance takes a chunk, a question, or the end of a session. A chunk that was cut short counts by whole quanta.
func (f *front) advance(w http.ResponseWriter, r *http.Request, id string, chunk []byte, whole bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	session := f.uploads[id]
	switch {
	case session == nil:
		refuse(w, http.StatusNotFound, "notFound", "No such upload.")
	case r.Method == http.MethodDelete:
		delete(f.uploads, id)
		w.WriteHeader(499)
	case session.status != 0:
		session.say(w)
	default:
		from, total, ok := contentRange(r.Header.Get("Content-Range"), len(chunk))
		if !ok || from > len(session.content) {
			refuse(w, http.StatusBadRequest, "badRequest", "Invalid range.")
			return
		}
		if from >= 0 {
			// what came before is what was sent before: a chunk may begin in the middle of it
			chunk = chunk[min(len(session.content)-from, len(chunk)):]
			if !whole || len(session.content)+len(chunk) != total {
				chunk = chunk[:len(chunk)/quantum*quantum]
			}
			session.content = append(session.content, chunk...)
		}
		if whole && len(session.content) == total {
			f.finish(w, r, session)
			return
		}
		if len(session.content) > 0 {
			w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", len(session.content)-1))
		}
		w.WriteHeader(http.StatusPermanentRedirect)
	}
}

// finish makes the object. What the library says is said again to whoever asks again.
func (f *front) finish(w http.ResponseWriter, r *http.Request, session *upload) {
	for _, sum := range strings.Split(r.Header.Get("X-Goog-Hash"), ",") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(sum), "crc32c="); ok {
			session.metadata["crc32c"] = text
		}
	}
	again := r.Clone(r.Context())
	again.Method = http.MethodPost
	again.URL = &url.URL{Path: session.path, RawQuery: session.query}
	again.RequestURI = again.URL.RequestURI()
	recorder := &recorder{header: http.Header{}}
	f.keep(recorder, again, session.metadata, session.content)
	session.status, session.answer, session.content = max(recorder.status, 200), recorder.body, nil
	session.say(w)
}

func (u *upload) say(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(u.status)
	_, _ = w.Write(u.answer)
}

// contentRange reads `bytes 0-9/*`, `bytes 0-9/10`, `bytes */10` and `bytes */*`; what is not said is -1. A session in
// one request has no range.
func contentRange(text string, size int) (from, total int, ok bool) {
	if text == "" {
		return 0, size, true
	}
	span, end, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	if !ok {
		return 0, 0, false
	}
	from, total = -1, -1
	if end != "*" {
		if total, _ = strconv.Atoi(end); total < 0 {
			return 0, 0, false
		}
	}
	if span != "*" {
		first, _, _ := strings.Cut(span, "-")
		number, err := strconv.Atoi(first)
		if err != nil {
			return 0, 0, false
		}
		from = number
	}
	return from, total, true
}

type recorder struct {
	header http.Header
	status int
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}
func (r *recorder) Write(text []byte) (int, error) {
	r.body = append(r.body, text...)
	return len(text), nil
}
