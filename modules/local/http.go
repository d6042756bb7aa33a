//go:build linux

package local

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/pgrun/pgrun/modules"
)

const (
	requestDeadline = 10 * time.Second
	mostBody        = 1 << 20
	mostHeader      = 64 << 10
)

// Get implements modules.Reader.
func (h *Host) Get(ctx context.Context, r modules.Request) (*modules.Response, error) {
	if err := modules.ReadOnlyRequest(r); err != nil {
		return nil, err
	}
	return h.Send(ctx, r)
}

// Send implements modules.Host.
func (h *Host) Send(ctx context.Context, r modules.Request) (*modules.Response, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	deadline := r.Deadline
	if deadline == 0 {
		deadline = requestDeadline
	}
	bounded, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	transport, err := h.transport(bounded, r)
	if err != nil {
		return nil, err
	}
	response, err := exchange(bounded, transport, r)
	switch {
	case err == nil:
		return response, nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case bounded.Err() != nil:
		err = fmt.Errorf("no answer within %s", deadline)
	}
	return nil, fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
}

func exchange(ctx context.Context, transport *http.Transport, r modules.Request) (*modules.Response, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, cause(err)
	}
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	if r.User != "" {
		request.SetBasicAuth(r.User, r.Password)
	}
	client := http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, cause(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBody))
	if err != nil {
		return nil, err
	}
	response := &modules.Response{Status: answer.StatusCode, Header: map[string]string{}, Body: body}
	for name, values := range answer.Header {
		response.Header[name] = values[0]
	}
	return response, nil
}

// cause takes method and URL from an error, which is given them once.
func cause(err error) error {
	var urlError *url.Error
	if errors.As(err, &urlError) {
		return urlError.Err
	}
	return err
}

// transport has no proxy and keeps no connection.
func (h *Host) transport(ctx context.Context, r modules.Request) (*http.Transport, error) {
	transport := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: mostHeader}
	if r.Socket != "" {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", r.Socket)
		}
	}
	if r.CA == "" && r.Cert == "" {
		return transport, nil
	}
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if r.CA != "" {
		text, err := h.ReadFile(ctx, r.CA, 0)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s has no certificate in it", r.CA)
		}
	}
	if r.Cert != "" {
		pair, err := h.keyPair(ctx, r)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return transport, nil
}

func (h *Host) keyPair(ctx context.Context, r modules.Request) (tls.Certificate, error) {
	cert, err := h.ReadFile(ctx, r.Cert, 0)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := h.ReadFile(ctx, r.Key, 0)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return pair, fmt.Errorf("%s and %s: %w", r.Cert, r.Key, err)
	}
	return pair, nil
}
