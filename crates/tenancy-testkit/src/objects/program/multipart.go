package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

// multipart takes an upload in one request. Checksums may come after the content, in a part of their own, which the
// library would take for content; and the content type may be said in the metadata only.
func (f *front) multipart(w http.ResponseWriter, r *http.Request, body []byte) {
	metadata, content, err := parts(r.Header.Get("Content-Type"), body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "badRequest", err.Error())
		return
	}
	f.keep(w, r, metadata, content)
}

func parts(kind string, body []byte) (map[string]any, []byte, error) {
	_, parameters, err := mime.ParseMediaType(kind)
	if err != nil {
		return nil, nil, err
	}
	var read [][]byte
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		read = append(read, text)
	}
	if len(read) != 2 && len(read) != 3 {
		return nil, nil, fmt.Errorf("an upload in %d parts", len(read))
	}
	metadata := map[string]any{}
	for i, text := range read {
		// each of them adds to what is known
		if i != 1 {
			if err := json.Unmarshal(text, &metadata); err != nil {
				return nil, nil, err
			}
		}
	}
	return metadata, read[1], nil
}

// keep has the library make one object, with the conditions of the request's query.
func (f *front) keep(w http.ResponseWriter, r *http.Request, metadata map[string]any, content []byte) {
	kind, _ := metadata["contentType"].(string)
	if kind == "" {
		kind = "application/octet-stream"
		metadata["contentType"] = kind
	}
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, _ := writer.CreatePart(textproto.MIMEHeader{"Content-Type": {"application/json; charset=utf-8"}})
	_ = json.NewEncoder(part).Encode(metadata)
	part, _ = writer.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}})
	_, _ = part.Write(content)
	_ = writer.Close()
	f.hand(w, r, "multipart/related; boundary="+writer.Boundary(), body.Bytes())
}

// hand gives the library a request with this body.
func (f *front) hand(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	f.inner.ServeHTTP(w, r)
}
