package modules_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha1" // a version 4 key's fingerprint is defined so
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func binaryKey(armoured []byte) []byte {
	_, body, _ := strings.Cut(string(armoured), "\n\n")
	body, _, _ = strings.Cut(body, "\n=")
	data, _ := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\n", ""))
	return data
}

// secondKey is somebody else's key: version 4, Ed25519, without a name.
func secondKey() []byte {
	public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	body := append([]byte{4, 0x6b, 1, 0x0e, 0x84, 22, 9}, "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"...) // made, algorithm, curve
	body = append(append(body, 0x01, 0x07, 0x40), public...)                                         // 263 bits, no compression
	return append([]byte{0x98, byte(len(body))}, body...)
}

func digits(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// padded fills a key with marker packets to whole groups of three bytes.
func padded(packets []byte) []byte {
	for len(packets)%3 != 0 {
		packets = append(packets, 0xca, 3, 'P', 'G', 'P')
	}
	return packets
}

const (
	beginArmor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
	endArmor   = "-----END PGP PUBLIC KEY BLOCK-----\n"
)

func TestAnArmouredKeyIsWrittenAsItWasRead(t *testing.T) {
	for name, file := range map[string][]byte{
		"armoured":        key,
		"binary":          binaryKey(key),
		"with a header":   []byte(strings.Replace(string(key), "\n\n", "\nVersion: GnuPG v1\nComment: x\n\n", 1)),
		"without a sum":   regexp.MustCompile("\n=.*").ReplaceAll(key, nil),
		"of DOS":          bytes.ReplaceAll(key, []byte("\n"), []byte("\r\n")),
		"between blanks":  []byte("\n " + string(key) + "\n\n"),
		"in longer lines": []byte(beginArmor + "\n" + digits(binaryKey(key)) + "\n" + endArmor),
	} {
		parsed, err := modules.ParseSigningKey(file)
		if err != nil || parsed.Fingerprint != strings.ReplaceAll(fingerprint, " ", "") {
			t.Errorf("%s: %q, %v", name, parsed.Fingerprint, err)
		}
		if got := parsed.Text(); got != string(key) { // gpg wrote that one
			t.Errorf("%s: it is written as\n%s", name, got)
		}
	}
}

// Each of these shows pgrun's reader of old the right fingerprint, and apt's
// sqv another key beside it.
func TestAHiddenSecondKeyIsRefused(t *testing.T) {
	hidden := digits(padded(secondKey()))
	right := "\n\n" + digits(binaryKey(key)) + "\n" + endArmor
	for name, file := range map[string]string{
		"after a blank line of one blank": beginArmor + " \n" + hidden + right,
		"without a header":                beginArmor + hidden + right,
		"after a header and a blank":      beginArmor + "Comment: x\n \n" + hidden + right,
		"after an empty line":             beginArmor + "\n" + hidden + right,
		"after a tab":                     beginArmor + "\t\n" + hidden + right,
		"behind the right one":            beginArmor + "\n" + digits(append(binaryKey(key), secondKey()...)) + "\n" + endArmor,
		"before the right one":            beginArmor + "\n" + digits(append(secondKey(), binaryKey(key)...)) + "\n" + endArmor,
		"after the checksum":              beginArmor + "\n" + digits(binaryKey(key)) + "\n=Shjl\n" + hidden + "\n" + endArmor,
		"in a block of its own":           string(key) + beginArmor + "\n" + hidden + "\n" + endArmor,
		"in binary":                       string(binaryKey(key)) + string(secondKey()),
		"as a compressed packet":          string(binaryKey(key)) + "\xc8\x04\x00abc",
		"as a literal packet":             string(binaryKey(key)) + "\xcb\x04b\x00ab",
		"before the packets of a key":     "\xcd\x01x" + string(binaryKey(key)),
		"behind a marker":                 "\xca\x03PGP" + string(binaryKey(key)),
	} {
		m, h := repository(), fake.New()
		m.Key = []byte(file)
		if c, err := m.Check(t.Context(), h); err == nil {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// A host of an earlier pgrun has the file as its owner gave it. It gets
// another content in one rename, and the source goes on naming the same file.
func TestAnEarlierKeyFileIsReplacedInItsPlace(t *testing.T) {
	const path = "/etc/apt/keyrings/pgdg.asc"
	earlier := strings.Replace(string(key), "\n\n", "\nComment: as its owner gave it\n\n", 1)
	m, h := repository(), fake.New()
	if err := apply(t, h, m); err != nil {
		t.Fatal(err)
	}
	sources := h.Content("/etc/apt/sources.list.d/pgdg.sources")
	h.Put(path, earlier, modules.Attributes{Owner: "root", Group: "root", Mode: 0o644})
	m.Key = []byte(earlier)
	h.ClearLog()
	if err := apply(t, h, m); err != nil {
		t.Fatal(err)
	}
	if h.Content(path) != string(key) || h.Content("/etc/apt/sources.list.d/pgdg.sources") != sources {
		t.Errorf("the key is\n%s", h.Content(path))
	}
	if strings.Contains(h.Log(), "remove") || !strings.Contains(h.Log(), "write "+path) {
		t.Errorf("log:\n%s", h.Log())
	}
}

var strictArmor = regexp.MustCompile(`\A-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,64}={0,2}\n)=[A-Za-z0-9+/]{4}\n-----END PGP PUBLIC KEY BLOCK-----\n\z`)

// strictly is a second reader: of what is written it lists the primary keys,
// and it knows no form but the one.
func strictly(text string) ([]string, error) {
	found := strictArmor.FindStringSubmatch(text)
	if found == nil {
		return nil, errors.New("it is not in the one form")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(found[1], "\n", ""))
	if err != nil {
		return nil, err
	}
	var list []string
	for len(data) > 0 {
		kind, head, size := int(data[0]&0x3f), 2, 0
		at := func(from, n int) (value int) {
			for _, b := range data[from : from+n] {
				value = value<<8 | int(b)
			}
			return value
		}
		switch {
		case data[0] < 0xc0:
			kind = kind >> 2
			width := 1 << (data[0] & 3)
			head, size = 1+width, at(1, width)
		case data[1] < 192:
			size = at(1, 1)
		case data[1] < 224:
			head, size = 3, at(1, 2)-192<<8+192
		default:
			head, size = 6, at(2, 4)
		}
		body := data[head : head+size]
		if !slices.Contains([]int{2, 6, 13, 14, 17}, kind) {
			return nil, fmt.Errorf("packet %d", kind)
		}
		if kind == 6 && body[0] == 4 {
			list = append(list, fmt.Sprintf("%X", sha1.Sum(append([]byte{0x99, byte(size >> 8), byte(size)}, body...))))
		} else if kind == 6 {
			list = append(list, "")
		}
		data = data[head+size:]
	}
	return list, nil
}

// Whatever is taken: what is written holds the one key that was named.
func FuzzParseSigningKey(f *testing.F) {
	f.Add(key)
	f.Add(binaryKey(key))
	f.Add(append(binaryKey(key), secondKey()...))
	f.Add([]byte(beginArmor + " \n" + digits(padded(secondKey())) + "\n\n" + digits(binaryKey(key)) + "\n" + endArmor))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := modules.ParseSigningKey(data)
		if err != nil {
			return
		}
		list, err := strictly(parsed.Text())
		if err != nil || len(list) != 1 || len(parsed.Fingerprint) == 40 && list[0] != parsed.Fingerprint {
			t.Errorf("%s, but %q is written: %v\n%s", parsed.Fingerprint, list, err, parsed.Text())
		}
		if again, err := modules.ParseSigningKey([]byte(parsed.Text())); err != nil || again.Text() != parsed.Text() {
			t.Errorf("it is read otherwise the second time: %v", err)
		}
	})
}
