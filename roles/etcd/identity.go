package etcd

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// identity is who a member is by its own data, whatever its configuration
// says; zero where the data does not tell.
type identity struct{ member, cluster uint64 }

// headBytes of a write-ahead log hold its first two records.
const headBytes = "256"

// identity reads the head of the youngest file of the write-ahead log: each
// begins with who wrote it.
func (m *machine) identity(ctx context.Context, r modules.Reader) (identity, error) {
	files, err := r.ReadDir(ctx, m.walDir())
	if err != nil {
		return identity{}, err
	}
	youngest := ""
	for _, name := range files {
		if strings.HasSuffix(name, ".wal") {
			youngest = name
		}
	}
	if youngest == "" {
		return identity{}, nil
	}
	head, err := r.Query(ctx, modules.Command{Argv: []string{"head", "-c", headBytes, m.walDir() + "/" + youngest}, User: "etcd"})
	if err != nil {
		return identity{}, err
	}
	return readIdentity(head.Stdout), nil
}

// readIdentity finds the record of metadata (type 1) behind the checksum's: a
// frame of 8 bytes, its low 7 the length and its high one the padding, and
// then protobuf.
func readIdentity(head []byte) identity {
	const metadata = 1
	for len(head) >= 8 {
		frame := binary.LittleEndian.Uint64(head)
		length, padding := frame&(1<<56-1), uint64(0)
		if frame>>63 == 1 {
			padding = frame >> 56 & 7
		}
		head = head[8:]
		if length == 0 || length+padding > uint64(len(head)) {
			return identity{}
		}
		numbers, data := protobuf(head[:length])
		if numbers[1] == metadata {
			ids, _ := protobuf(data[3])
			return identity{member: ids[1], cluster: ids[2]}
		}
		head = head[length+padding:]
	}
	return identity{}
}

// protobuf reads a message's numbers and byte strings by their field; it ends
// at what it does not know.
func protobuf(text []byte) (numbers map[uint64]uint64, data map[uint64][]byte) {
	const varint, bytes = 0, 2
	numbers, data = map[uint64]uint64{}, map[uint64][]byte{}
	for len(text) > 0 {
		tag, n := binary.Uvarint(text)
		if n <= 0 {
			break
		}
		text = text[n:]
		value, n := binary.Uvarint(text)
		if n <= 0 {
			break
		}
		text = text[n:]
		switch kind := tag & 7; {
		case kind == varint:
			numbers[tag>>3] = value
		case kind == bytes && value <= uint64(len(text)):
			data[tag>>3], text = text[:value], text[value:]
		default:
			return numbers, data
		}
	}
	return numbers, data
}
