package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// scramIterations is PostgreSQL's default (scram_iterations).
const scramIterations = 4096

var errPasswordCharacters = errors.New("the password has other characters than printable ASCII, which clients do not all encode alike")

// verifier computes what PostgreSQL stores for a password (RFC 5802, RFC
// 7677), so that the password itself never goes to the server or its log.
func verifier(password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return verifierWith(password, salt, scramIterations)
}

// Encodable says whether a password is printable ASCII.
func Encodable(password string) bool {
	return !strings.ContainsFunc(password, func(c rune) bool { return c < ' ' || c > '~' })
}

func verifierWith(password string, salt []byte, iterations int) (string, error) {
	if password == "" || !Encodable(password) {
		return "", errPasswordCharacters
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	client := sha256.Sum256(mac(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, encode(salt), encode(client[:]), encode(mac(salted, "Server Key"))), nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// verifies says whether a stored verifier is of this password.
func verifies(stored, password string) bool {
	salt, iterations, ok := parseVerifier(stored)
	if !ok {
		return false
	}
	same, err := verifierWith(password, salt, iterations)
	return err == nil && subtle.ConstantTimeCompare([]byte(same), []byte(stored)) == 1
}

func parseVerifier(stored string) (salt []byte, iterations int, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 3 || parts[0] != "SCRAM-SHA-256" {
		return nil, 0, false
	}
	count, encoded, found := strings.Cut(parts[1], ":")
	iterations, err := strconv.Atoi(count)
	// The most that a change of scram_iterations could make worth waiting for.
	if !found || err != nil || iterations < 1 || iterations > 10_000_000 {
		return nil, 0, false
	}
	salt, err = base64.StdEncoding.DecodeString(encoded)
	return salt, iterations, err == nil
}
