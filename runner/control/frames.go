package control

import (
	"encoding/json"

	"github.com/pgrun/pgrun/runner/wire"
)

// fits says whether a set-up fits a frame. JSON writes a byte as six at most:
// what is far below is not written for that.
func fits(setup *wire.Setup) bool {
	sum := 0
	for _, text := range setup.Sections {
		sum += len(text)
	}
	if sum < wire.MaxFrame/8 {
		return true
	}
	text, err := json.Marshal(wire.Request{Setup: setup})
	return err == nil && len(text) < wire.MaxFrame
}

// peersFrame is about how many bytes of peers go into a frame.
const peersFrame = wire.MaxFrame / 8

// peers are the frames that tell a host of its cluster.
func (p *Plan) peers(host string) [][]wire.Peer {
	var frames [][]wire.Peer
	room := 0
	for _, peer := range p.fleet.clusters[p.fleet.byName[host].cluster] {
		published := peer.AllPublished()
		size := 200 // names, address, groups
		for _, text := range published {
			size += len(text)
		}
		if room < size {
			frames, room = append(frames, nil), peersFrame
		}
		last := len(frames) - 1
		frames[last] = append(frames[last], wire.Peer{Name: peer.Name, Address: peer.Address, Groups: peer.Groups, Published: published})
		room -= size
	}
	return frames
}
