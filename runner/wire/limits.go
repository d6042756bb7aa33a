package wire

// How long the texts of a worker are at most, in bytes. JSON may write a byte as
// six: all of a failed step together stay below a frame.
const (
	MaxDiff   = 64 << 10
	MaxError  = 16 << 10
	MaxOutput = 32 << 10
	MaxArgv   = 16 << 10
	MaxWhy    = 4 << 10
	MaxStep   = 1 << 10
)

// CutMark stands where a text was cut; it comes on top of the length.
const CutMark = "... (cut)"
