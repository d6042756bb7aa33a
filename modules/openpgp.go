package modules

import (
	"bytes"
	"crypto/sha1" // a version 4 key's fingerprint is defined so
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

const armorBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

// Fingerprints returns the fingerprints of the primary keys in an OpenPGP key
// file, armoured or binary, in capital hexadecimal digits. apt trusts every
// one of them, so they all count.
func Fingerprints(key []byte) ([]string, error) {
	packets := key
	if armoured(key) {
		var err error
		if packets, err = unarmor(key); err != nil {
			return nil, err
		}
	}
	var list []string
	for len(packets) > 0 {
		tag, body, rest, err := packet(packets)
		if err != nil {
			return nil, err
		}
		switch tag {
		case 5, 7:
			return nil, errors.New("there is a secret key in it")
		case 6:
			fingerprint, err := fingerprint(body)
			if err != nil {
				return nil, err
			}
			list = append(list, fingerprint)
		}
		packets = rest
	}
	if len(list) == 0 {
		return nil, errors.New("there is no OpenPGP public key in it")
	}
	return list, nil
}

func armoured(key []byte) bool { return bytes.Contains(key, []byte(armorBegin)) }

// unarmor decodes one or more armoured blocks, with nothing around them: what
// is left out here apt may read. The checksum line guards against bad modems,
// the fingerprint against the rest.
func unarmor(key []byte) ([]byte, error) {
	var out []byte
	text := strings.ReplaceAll(string(key), "\r\n", "\n")
	for {
		outside, after, found := strings.Cut(text, armorBegin)
		if strings.TrimSpace(outside) != "" {
			return nil, errors.New("there is text outside the armoured key: take it away")
		}
		if !found {
			return out, nil
		}
		block, rest, found := strings.Cut(after, "-----END PGP PUBLIC KEY BLOCK-----")
		if !found {
			return nil, errors.New("the armoured key has no end")
		}
		_, body, found := strings.Cut(block, "\n\n") // headers, then an empty line
		if !found {
			return nil, errors.New("the armoured key has no empty line before its data")
		}
		var digits strings.Builder
		for line := range strings.Lines(body) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "=") {
				digits.WriteString(line)
			}
		}
		data, err := base64.StdEncoding.DecodeString(digits.String())
		if err != nil {
			return nil, fmt.Errorf("the armoured key: %w", err)
		}
		out, text = append(out, data...), rest
	}
}

// packet splits the first packet from the rest (RFC 9580, section 4.2).
func packet(data []byte) (tag int, body, rest []byte, err error) {
	bad := errors.New("it is no OpenPGP key")
	if len(data) < 2 || data[0]&0x80 == 0 {
		return 0, nil, nil, bad
	}
	var head, length int
	if data[0]&0x40 != 0 {
		tag = int(data[0] & 0x3f)
		head, length = newLength(data)
	} else {
		tag = int(data[0]>>2) & 0x0f
		head, length = oldLength(data)
	}
	if head == 0 || length < 0 || length > len(data)-head {
		return 0, nil, nil, bad
	}
	return tag, data[head : head+length], data[head+length:], nil
}

// newLength returns the size of the header and of the body; 0 when the data
// is too short or in parts, which keys never are.
func newLength(data []byte) (head, length int) {
	switch first := data[1]; {
	case first < 192:
		return 2, int(first)
	case first < 224 && len(data) > 2:
		return 3, int(first-192)<<8 + int(data[2]) + 192
	case first == 255 && len(data) > 5:
		return 6, int(binary.BigEndian.Uint32(data[2:]))
	}
	return 0, 0
}

func oldLength(data []byte) (head, length int) {
	switch kind := data[0] & 3; {
	case kind == 0:
		return 2, int(data[1])
	case kind == 1 && len(data) > 2:
		return 3, int(binary.BigEndian.Uint16(data[1:]))
	case kind == 2 && len(data) > 4:
		return 5, int(binary.BigEndian.Uint32(data[1:]))
	}
	return 0, 0
}

// fingerprint hashes a public key's packet as its version says.
func fingerprint(body []byte) (string, error) {
	if len(body) == 0 {
		return "", errors.New("it is no OpenPGP key")
	}
	switch body[0] {
	case 4:
		head := []byte{0x99, byte(len(body) >> 8), byte(len(body))}
		return fmt.Sprintf("%X", sha1.Sum(append(head, body...))), nil
	case 6:
		head := binary.BigEndian.AppendUint32([]byte{0x9b}, uint32(len(body))) // a packet is below 4 GiB
		return fmt.Sprintf("%X", sha256.Sum256(append(head, body...))), nil
	}
	return "", fmt.Errorf("OpenPGP keys of version %d are not known", body[0])
}
