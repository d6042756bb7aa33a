package modules

import (
	"bytes"
	"crypto/sha1" // a version 4 key's fingerprint is defined so
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// armorHeader is a line such as "Comment: x".
var armorHeader = regexp.MustCompile(`^[A-Za-z]+:( .*)?$`)

const (
	armorBegin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
	armorEnd   = "-----END PGP PUBLIC KEY BLOCK-----"
)

// The kinds of packets that make up a public key (RFC 9580, section 5).
const (
	packetSignature     = 2
	packetSecretKey     = 5
	packetPublicKey     = 6
	packetSecretSubkey  = 7
	packetUserID        = 13
	packetPublicSubkey  = 14
	packetUserAttribute = 17
)

// SigningKey is one OpenPGP public key that was read whole: every byte of it
// belongs to a packet of the key.
type SigningKey struct {
	Fingerprint string // of the primary key, in capital hexadecimal digits
	packets     []byte
}

// ParseSigningKey reads an OpenPGP key file, armoured or binary, that holds one
// public key and nothing else. apt trusts every key that its own reader finds
// in a file, and that reader may be more lenient than this one: so what apt
// gets is Text, never the file that was read.
func ParseSigningKey(file []byte) (SigningKey, error) {
	key := SigningKey{packets: file}
	if armoured(file) {
		var err error
		if key.packets, err = unarmor(string(file)); err != nil {
			return SigningKey{}, err
		}
	}
	for rest := key.packets; len(rest) > 0; {
		kind, body, after, err := packet(rest)
		if err != nil {
			return SigningKey{}, err
		}
		if err := key.take(kind, body); err != nil {
			return SigningKey{}, err
		}
		rest = after
	}
	if key.Fingerprint == "" {
		return SigningKey{}, errors.New("there is no OpenPGP public key in it")
	}
	return key, nil
}

// take looks at the key's next packet.
func (k *SigningKey) take(kind int, body []byte) error {
	switch kind {
	case packetSecretKey, packetSecretSubkey:
		return errors.New("there is a secret key in it")
	case packetPublicKey:
		if k.Fingerprint != "" {
			return errors.New("there is more than one key in it: give the one that signs, as `gpg --armor --export FINGERPRINT` prints it")
		}
		var err error
		k.Fingerprint, err = fingerprint(body)
		return err
	case packetPublicSubkey, packetUserID, packetUserAttribute, packetSignature:
		if k.Fingerprint == "" {
			return errors.New("it does not begin with a public key")
		}
		return nil
	}
	return fmt.Errorf("there is a packet of kind %d in it, which is no part of a public key: give the key as `gpg --armor --export FINGERPRINT` prints it", kind)
}

// Text is the key armoured: the packets that were read, in the form that all
// readers understand alike.
func (k SigningKey) Text() string {
	var text strings.Builder
	text.WriteString(armorBegin + "\n\n")
	for data := range slices.Chunk(k.packets, 48) { // 64 characters a line
		text.WriteString(base64.StdEncoding.EncodeToString(data) + "\n")
	}
	sum := binary.BigEndian.AppendUint32(nil, checksum(k.packets))
	text.WriteString("=" + base64.StdEncoding.EncodeToString(sum[1:]) + "\n" + armorEnd + "\n")
	return text.String()
}

// checksum is the CRC-24 below armoured data (RFC 9580, section 6.1.1).
func checksum(data []byte) uint32 {
	sum := uint32(0xb704ce)
	for _, b := range data {
		sum ^= uint32(b) << 16
		for range 8 {
			if sum <<= 1; sum&0x1000000 != 0 {
				sum ^= 0x1864cfb
			}
		}
	}
	return sum & 0xffffff
}

func armoured(key []byte) bool { return bytes.Contains(key, []byte(armorBegin)) }

// unarmor decodes the one armoured block, with nothing around it. What other
// readers take otherwise than this one is refused, so that the operator hears
// of a file that was tampered with.
func unarmor(text string) ([]byte, error) {
	block, err := onlyBlock(strings.ReplaceAll(text, "\r\n", "\n"))
	if err != nil {
		return nil, err
	}
	head, body, found := strings.Cut(block, "\n\n")
	if !found {
		return nil, errors.New("the armoured key has no empty line before its data")
	}
	for i, line := range strings.Split(head, "\n") {
		if i == 0 && line != "" || i > 0 && !armorHeader.MatchString(line) {
			return nil, fmt.Errorf("the armoured key begins with %.40q, which is neither a header as in \"Comment: x\" nor an empty line", line)
		}
	}
	return decodeArmor(body)
}

// onlyBlock is what stands between the begin and the end of the only block.
func onlyBlock(text string) (string, error) {
	outside, after, _ := strings.Cut(text, armorBegin)
	block, rest, found := strings.Cut(after, armorEnd)
	switch {
	case strings.TrimSpace(outside) != "", strings.TrimSpace(rest) != "" && !strings.HasPrefix(strings.TrimSpace(rest), armorBegin):
		return "", errors.New("there is text outside the armoured key: take it away")
	case strings.TrimSpace(rest) != "":
		return "", errors.New("there is more than one armoured block in it: give one")
	case !found:
		return "", errors.New("the armoured key has no end")
	}
	return block, nil
}

func decodeArmor(body string) ([]byte, error) {
	var digits strings.Builder
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	for i, line := range lines {
		switch {
		case strings.TrimSpace(line) == "":
			return nil, errors.New("the armoured key has an empty line in its data")
		case line[0] != '=':
			digits.WriteString(strings.TrimRight(line, " \t"))
		case i < len(lines)-1:
			return nil, errors.New("the armoured key has data after its checksum")
		}
	}
	data, err := base64.StdEncoding.Strict().DecodeString(digits.String())
	if err != nil {
		return nil, fmt.Errorf("the armoured key: %w", err)
	}
	return data, nil
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
	if len(body) == 0 || len(body) > 1<<16-1 { // a version 4 key counts its bytes in two
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
