package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// conditionsHold checks the preconditions on generations where the library does not look at them: on everything but
// uploads. It answers itself when one does not hold.
func (f *front) conditionsHold(w http.ResponseWriter, r *http.Request) bool {
	source, target, ok := named(r.URL.EscapedPath())
	if !ok {
		return true
	}
	query := r.URL.Query()
	for name, at := range map[string]address{
		"ifGenerationMatch": target, "ifGenerationNotMatch": target,
		"ifSourceGenerationMatch": source, "ifSourceGenerationNotMatch": source,
	} {
		if !query.Has(name) {
			continue
		}
		same := query.Get(name) == f.generation(at)
		if same == strings.HasSuffix(name, "NotMatch") {
			status := http.StatusPreconditionFailed
			if same && r.Method == http.MethodGet {
				status = http.StatusNotModified
			}
			refuse(w, status, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
			return false
		}
	}
	return true
}

type address struct{ bucket, object string }

// named gives the objects that a path of the JSON API names: what is read from, and what the call is about.
func named(path string) (source, target address, ok bool) {
	rest, ok := strings.CutPrefix(path, "/storage/v1/b/")
	if !ok {
		return address{}, address{}, false
	}
	words := strings.Split(rest, "/")
	for i, word := range words {
		words[i], _ = url.PathUnescape(word)
	}
	switch {
	case len(words) >= 3 && len(words) <= 4 && words[1] == "o":
		at := address{words[0], words[2]}
		return at, at, true
	case len(words) == 8 && words[1] == "o" && (words[3] == "rewriteTo" || words[3] == "copyTo"):
		return address{words[0], words[2]}, address{words[5], words[7]}, true
	}
	return address{}, address{}, false
}

// generation is "0" for an object that does not exist, as the preconditions have it.
func (f *front) generation(at address) string {
	object, err := f.store.GetObject(at.bucket, at.object)
	if err != nil {
		return "0"
	}
	return strconv.FormatInt(object.Generation, 10)
}
