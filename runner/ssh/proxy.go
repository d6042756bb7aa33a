package ssh

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// proxy is the way through jump hosts; no hops: directly.
type proxy struct{ hops []hop }

// hop is a jump host as it was written.
type hop struct {
	alias string
	with  settings // what stands beside it: user, port, the options of ssh -W
}

const maxHops = 8

// leadsTo says that the way to a host is the host itself: "Host *" with a
// ProxyJump means the jump host too.
func (p *proxy) leadsTo(t *target) bool {
	if len(p.hops) != 1 {
		return false
	}
	only := p.hops[0]
	return only.alias == t.alias && (only.with.port == 0 || only.with.port == t.port)
}

func (s *settings) setProxy(key, value string) error {
	if s.proxy != nil {
		return nil
	}
	p := &proxy{}
	var err error
	switch {
	case isNo(value):
	case key == "proxyjump":
		p.hops, err = parseJumps(value)
	default:
		p.hops, err = parseProxyCommand(value)
	}
	s.proxy = p
	return err
}

// parseJumps reads ProxyJump: [user@]host[:port], a list of them or ssh:// URIs.
func parseJumps(value string) ([]hop, error) {
	var hops []hop
	for _, text := range strings.Split(value, ",") {
		h, err := parseHop(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("ProxyJump: %w", err)
		}
		hops = append(hops, h)
	}
	if len(hops) > maxHops {
		return nil, fmt.Errorf("ProxyJump: more than %d jump hosts", maxHops)
	}
	return hops, nil
}

func parseHop(text string) (hop, error) {
	rest := strings.TrimSuffix(strings.TrimPrefix(text, "ssh://"), "/")
	var h hop
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		h.with.user, rest = rest[:at], rest[at+1:]
	}
	host, port := splitPort(rest)
	if host == "" || strings.ContainsAny(host, " \t/@") {
		return hop{}, fmt.Errorf("%q is not [user@]host[:port]", text)
	}
	h.alias = host
	if port != "" {
		if err := h.with.setPort(port); err != nil {
			return hop{}, err
		}
	}
	return h, nil
}

// splitPort takes host, host:port, [v6], [v6]:port and v6.
func splitPort(text string) (host, port string) {
	if rest, ok := strings.CutPrefix(text, "["); ok {
		host, rest, _ = strings.Cut(rest, "]")
		return host, strings.TrimPrefix(rest, ":")
	}
	if strings.Count(text, ":") == 1 {
		host, port, _ = strings.Cut(text, ":")
		return host, port
	}
	return text, ""
}

// parseProxyCommand understands the one form that is a jump host: ssh -W
// %h:%p, with options, and the host. pgrun does not run commands to connect.
func parseProxyCommand(value string) ([]hop, error) {
	bad := func(why string) ([]hop, error) {
		return nil, fmt.Errorf("ProxyCommand %q: pgrun understands only \"ssh -W %%h:%%p [options] [user@]host\" (%s); ProxyJump does the same", value, why)
	}
	words, err := splitWords(value)
	if err != nil {
		return bad(err.Error())
	}
	if len(words) > 0 && words[0] == "exec" {
		words = words[1:]
	}
	if len(words) == 0 || (words[0] != "ssh" && words[0] != "/usr/bin/ssh") {
		return bad("another program")
	}
	parsed := arguments{forward: true}
	if err := parsed.parse(words[1:]); err != nil {
		return bad(err.Error())
	}
	hops, err := parsed.hops()
	if err != nil {
		return bad(err.Error())
	}
	return hops, nil
}

// hops are the jump host of a ProxyCommand and those on the way to it.
func (a *arguments) hops() ([]hop, error) {
	if a.forwards != "%h:%p" && a.forwards != "[%h]:%p" {
		return nil, errors.New("no -W %h:%p")
	}
	if len(a.operands) != 1 {
		return nil, errors.New("not one host")
	}
	last, err := parseHop(a.operands[0])
	if err != nil {
		return nil, err
	}
	user, port := cmp.Or(last.with.user, a.user), cmp.Or(last.with.port, a.port)
	last.with = a.settings
	last.with.user, last.with.port = user, port
	if a.proxy == nil {
		return []hop{last}, nil
	}
	last.with.proxy = nil
	return append(a.proxy.hops, last), nil
}
