package etcd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// try takes the turn if nobody holds it and nobody is before this host; else
// it says who.
func (u *turn) try(ctx context.Context) (before string, err error) {
	first, err := u.first(ctx)
	if err != nil {
		return "", err
	}
	if first.Key != u.place() && first.Key != "" {
		if now, err := u.holder(ctx); err == nil && now.Host != "" {
			return u.holds(now), nil
		}
		return first.Holder.Host + " is before this host in the queue", nil
	}
	taken, err := u.take(ctx)
	if err != nil || taken {
		return "", err
	}
	now, err := u.holder(ctx)
	if err != nil {
		return "", err
	}
	if now.Host == "" {
		return "the turn was given back a moment ago", nil
	}
	return u.holds(now), nil
}

// holds says who holds the turn. One run at a time works on a host, so that
// this host's own turn was left by a run that was killed.
func (u *turn) holds(now holder) string {
	if now.Host == u.host {
		return fmt.Sprintf("an earlier run on %s holds the turn (%s), for %s at most", now.Host, now.What, turnTTL)
	}
	return fmt.Sprintf("%s holds the turn (%s)", now.Host, now.What)
}

func (u *turn) key() string { return "/pgrun/" + u.cluster + "/turn" }

func (u *turn) queue() string { return "/pgrun/" + u.cluster + "/queue/" }

func (u *turn) place() string { return fmt.Sprintf("%s%05d-%s", u.queue(), u.rank, u.host) }

func (u *turn) value() string {
	text, err := json.Marshal(holder{Host: u.host, What: u.what})
	if err != nil {
		panic(err) // two strings always marshal
	}
	return encode(string(text))
}

func (u *turn) put(ctx context.Context, key string) error {
	return u.call(ctx, "/v3/kv/put", map[string]string{"key": encode(key), "value": u.value(), "lease": u.lease}, &struct{}{})
}

// take writes the turn's key if it does not exist. A key that this lease holds
// already is a success too: the answer to an earlier try may have been lost.
func (u *turn) take(ctx context.Context) (bool, error) {
	key := encode(u.key())
	in := map[string]any{
		"compare": []any{map[string]string{"key": key, "target": "CREATE", "create_revision": "0", "result": "EQUAL"}},
		"success": []any{map[string]any{"request_put": map[string]string{"key": key, "value": u.value(), "lease": u.lease}}},
		"failure": []any{map[string]any{"request_range": map[string]string{"key": key}}},
	}
	var out struct {
		Succeeded bool
		Responses []struct {
			Range found `json:"response_range"`
		}
	}
	if err := u.call(ctx, "/v3/kv/txn", in, &out); err != nil {
		return false, err
	}
	if out.Succeeded {
		return true, nil
	}
	for _, response := range out.Responses {
		for _, kv := range response.Range.KVs {
			if kv.Lease == u.lease {
				return true, nil
			}
		}
	}
	return false, nil
}

// found is what etcd answers to a range.
type found struct {
	KVs []struct{ Key, Value, Lease string }
}

type queued struct {
	Key    string
	Holder holder
}

// first is who is first in the queue.
func (u *turn) first(ctx context.Context) (queued, error) {
	var out found
	prefix := u.queue()
	end := prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1)
	in := map[string]any{"key": encode(prefix), "range_end": encode(end), "sort_target": "KEY", "sort_order": "ASCEND", "limit": "1"}
	if err := u.call(ctx, "/v3/kv/range", in, &out); err != nil || len(out.KVs) == 0 {
		return queued{}, err
	}
	key, err := base64.StdEncoding.DecodeString(out.KVs[0].Key)
	if err != nil {
		return queued{}, err
	}
	who, err := readHolder(out.KVs[0].Value)
	return queued{Key: string(key), Holder: who}, err
}

func (u *turn) holder(ctx context.Context) (holder, error) {
	var out found
	if err := u.call(ctx, "/v3/kv/range", map[string]string{"key": encode(u.key())}, &out); err != nil || len(out.KVs) == 0 {
		return holder{}, err
	}
	return readHolder(out.KVs[0].Value)
}

func readHolder(value string) (holder, error) {
	text, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return holder{}, err
	}
	var h holder
	if err := json.Unmarshal(text, &h); err != nil {
		return holder{}, errors.New("a key of the turn was not written by pgrun")
	}
	return h, nil
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
