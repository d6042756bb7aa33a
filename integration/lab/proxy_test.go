package lab

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			conn, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); _, _ = io.Copy(conn, conn) }() // ends with the test
		}
	}()
	proxy, err := Delay(t.Context(), echo.Addr().String(), 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", proxy.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for i := range 3 { // the first has to connect as well
		begun := time.Now()
		fmt.Fprintf(conn, "%d\n", i)
		if got, err := lines.ReadString('\n'); err != nil || got != fmt.Sprintf("%d\n", i) {
			t.Fatalf("got %q, %v", got, err)
		}
		if took := time.Since(begun); took < 40*time.Millisecond || (i > 0 && took > 400*time.Millisecond) {
			t.Errorf("a round trip of 40 ms took %s", took)
		}
	}
}
