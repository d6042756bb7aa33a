package modules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/pgrun/pgrun/config"
)

// Template is a file rendered from a text/template with sprig's repeatable
// functions and `reveal` for secrets. A name that Data does not have is an error.
type Template struct {
	Path string
	Text string
	Data any
	Attributes
	Validate []string
}

func (m Template) String() string { return "file " + m.Path }

// Check renders the text and compares as File does.
func (m Template) Check(ctx context.Context, r Reader) (*Change, error) {
	content, err := Render(path.Base(m.Path), m.Text, m.Data)
	if err != nil {
		return nil, err
	}
	return File{Path: m.Path, Content: content, Attributes: m.Attributes, Validate: m.Validate}.Check(ctx, r)
}

// Render renders a text/template with Functions. name is what errors call it.
// A name that data does not have is an error, and so are null and a secret
// that were printed: the one without a default, the other without `reveal`.
func Render(name, text string, data any) (string, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(Functions()).Parse(text)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	for _, sign := range []struct{ text, why string }{
		{config.Secret{}.String(), "a secret is printed with {{ reveal .X }}"},
		{"<no value>", `what it prints is null or not there; {{ .X | default "..." }} gives it a value`},
	} {
		if before, _, found := strings.Cut(out.String(), sign.text); found {
			line := 1 + strings.Count(before, "\n")
			return "", fmt.Errorf("template: %s: line %d of the result holds %s: %s", name, line, sign.text, sign.why)
		}
	}
	return out.String(), nil
}

// Functions are the functions of templates: sprig's, without those that give
// another result the next time or on the next machine, or that reach outside
// the template, and `reveal`.
func Functions() template.FuncMap {
	funcs := sprig.HermeticTxtFuncMap()
	for _, name := range []string{
		// the clock and the time zone
		"ago", "must_date_modify", "mustDateModify", "toDate", "mustToDate",
		// random numbers, which salts and keys are made of too
		"randInt", "shuffle", "bcrypt", "htpasswd", "encryptAES", "decryptAES", "derivePassword",
		"genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey",
		"genSignedCert", "genSignedCertWithKey", "buildCustomCert",
		// the rules of the platform that pgrun was built for
		"osBase", "osClean", "osDir", "osExt", "osIsAbs",
	} {
		delete(funcs, name)
	}
	funcs["keys"] = sortedKeys // sprig's come in the map's random order
	funcs["values"] = sortedValues
	funcs["reveal"] = reveal
	return funcs
}

func sortedKeys(tables ...map[string]any) []string {
	var keys []string
	for _, table := range tables {
		keys = append(keys, slices.Sorted(maps.Keys(table))...)
	}
	return keys
}

func sortedValues(table map[string]any) []any {
	values := make([]any, 0, len(table))
	for _, key := range sortedKeys(table) {
		values = append(values, table[key])
	}
	return values
}

func reveal(secret config.Secret) (string, error) {
	if !secret.IsSet() {
		return "", errors.New("the secret is not set")
	}
	return secret.Reveal(), nil
}
