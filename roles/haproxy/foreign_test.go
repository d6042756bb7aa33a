package haproxy_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestAConfigurationOfSomebodyElseIsNotReplaced(t *testing.T) {
	for _, check := range []bool{false, true} {
		b := newBalancer()
		b.Put(configFile, "listen shop\n    bind *:80\n")
		_, err := cluster("", "", "", "").Apply(t, "lb1", "haproxy", b, check)
		if !runner.IsRefused(err) || !strings.Contains(err.Error(), configFile) || !strings.Contains(err.Error(), "mv ") {
			t.Errorf("check %v: the error is %v", check, err)
		}
		if text := b.Content(configFile); !strings.HasPrefix(text, "listen shop") {
			t.Errorf("check %v: the file is now %q", check, text)
		}
		if log := b.Log(); log != "" {
			t.Errorf("check %v: it did\n%s", check, log)
		}
	}
}

func TestTheConfigurationOfThePackageIsReplaced(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	b.installStock()
	apply(t, c, b, false)
	b.Put(configFile, b.Content(configFile)+"# a change by hand\n")
	apply(t, c, b, false)
	if text := b.Content(configFile); !strings.HasPrefix(text, "# Written by pgrun") || strings.Contains(text, "by hand") {
		t.Errorf("the configuration is %q", text)
	}
}

func TestAChangedConfigurationOfThePackageIsNotReplaced(t *testing.T) {
	b := newBalancer()
	b.installStock()
	b.Put(configFile, b.Content(configFile)+"listen shop\n")
	if _, err := cluster("", "").Apply(t, "lb1", "haproxy", b, false); !runner.IsRefused(err) {
		t.Errorf("the error is %v", err)
	}
}
